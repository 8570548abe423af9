command -v fish >/dev/null || { echo "no fish" >&2; exit 77; }
export HOME=$PWD XDG_CONFIG_HOME=$PWD XDG_DATA_HOME=$PWD
canon help --completion fish >script && fish --no-execute script
fish --no-config -c 'source script
for line in "canon conv" "canon convert --norm" "canon convert --cast bf" "canon help inf" "canon info --thr"
  complete -C "$line" | string replace \t " | "
end'
