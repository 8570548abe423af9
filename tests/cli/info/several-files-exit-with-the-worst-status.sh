cp "$CORPUS/numpy/n1_zerod_i64.npy" a.npy
cp "$CORPUS/damaged/npy_cut.npy" cut.npy
canon info missing.npy a.npy >/dev/null 2>&1
echo "exit $?"
canon info cut.npy missing.npy a.npy >/dev/null 2>&1
echo "exit $?"
