command -v script >/dev/null && script -qec true /dev/null </dev/null >/dev/null 2>&1 || { echo "no script(1), or no pseudo-terminal" >&2; exit 77; }
truncate -s 64G big.raw
export job="canon digest --plugin-dir $EXAMPLE/example --from bytes big.raw"
in_terminal() { script -qec "$1" log </dev/null >/dev/null 2>&1; }
in_terminal "timeout -s INT 1.8 $job"
grep -a -q $'\r *[0-9]*%  .* of 64.0 GiB, .*/s\033\\[K' log && echo "progress"
in_terminal "timeout -s INT 1.8 $job --quiet"
grep -a -c '%' log
in_terminal "timeout -s INT 1.8 $job 2>errors"
grep -c . errors
in_terminal "canon digest $CORPUS/torch/2.8.0/state_dict.pt"
grep -a -c '%' log
true
