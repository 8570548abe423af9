cp "$CORPUS/numpy/n1_zerod_i64.npy" a.npy
canon info a.npy >&-
echo "exit $?"
canon convert a.npy - --to npy >&-
