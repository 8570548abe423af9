cp "$CORPUS/numpy/n1_zerod_i64.npy" a.npy
cp "$CORPUS/damaged/npy_cut.npy" cut.npy
canon info a.npy missing.npy cut.npy a.npy
