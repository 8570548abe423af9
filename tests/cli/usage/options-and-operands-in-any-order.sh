cp "$CORPUS/numpy/n1_zerod_i64.npy" a.npy
canon convert a.npy --to npy b --threads 1
canon --quiet convert b c --to npy
cmp b c && echo same
