cp "$CORPUS/numpy/n1_zerod_i64.npy" a.npy
canon info a.npy >/dev/full
echo "exit $?"
canon convert a.npy - --to npy >/dev/full
echo "exit $?"
canon help >/dev/full
