head -c 12 /dev/zero >a.raw
canon convert a.raw b.npy --plugin-dir "$EXAMPLE/example" --from bytes --width 4 --shift up --by 7 --twice --lift
canon info b.npy
tail -c 12 b.npy | od -An -tu1
canon convert --help --plugin-dir "$EXAMPLE/example" | sed -n '/^  --shift/,/^  --lift/p'
canon convert --help --plugin-dir="$EXAMPLE/example" | grep -A 1 -e '^  bytes'
CANON_PLUGIN_PATH=$EXAMPLE/example canon help --man convert | grep -F -A 1 '\fB\-\-shift\fR'
