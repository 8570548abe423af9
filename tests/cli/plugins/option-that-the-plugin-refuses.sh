head -c 12 /dev/zero >a.raw
run() { canon convert a.raw b.npy --plugin-dir "$EXAMPLE/example" --from bytes "$@" || echo "exit $?"; }
run --shift sideways
run --shift up --by much
run --width 5
run --by 1 --shift up
ls
