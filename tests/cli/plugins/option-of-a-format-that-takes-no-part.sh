cp "$CORPUS/numpy/n1_zerod_i64.npy" a.npy
canon info --plugin-dir "$EXAMPLE/example" --width 4 a.npy
echo "exit $?"
canon convert --plugin-dir "$EXAMPLE/example" --width 4 a.npy b.npy
