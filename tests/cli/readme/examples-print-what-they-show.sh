# Every ```console block of README.md, each as a shell of its own in samples/data. A line "$ COMMAND" is run, a line
# "> MORE" behind it continues it, and all else is what it prints, on either stream.
unset CANON_BUILTIN_PLUGINS CANON_PLUGIN_PATH
show() { # reads a block, prints it with what its commands really print
  local line command=
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
      '$ '* | '> '*)
        if [ "${line:0:1}" = '$' ]; then run "$command" && command=; fi
        printf '%s\n' "$line"
        command+=${line:2}$'\n'
        ;;
    esac
  done
  run "$command"
}
run() { eval "$1" 2>&1 </dev/null; true; }

awk '/^```console$/ {n++; within = 1; next} /^```$/ {within = 0} within {print >("block" n)}' "$README"
for block in block*; do
  [ -e "$block" ] || continue
  mkdir -p "in-$block/samples" && cp -r "$SAMPLES" "in-$block/samples/data"
  case $(head -n 1 "$block") in '$ cd samples/data') start=. ;; *) start=samples/data ;; esac
  (cd "in-$block/$start" && show) <"$block" >printed
  diff -u --label "README.md" --label "what is printed" "$block" printed
done
true
