cp "$CORPUS/numpy/n1_zerod_i64.npy" a.npy
canon convert --to=npy --threads=1 a.npy b
canon convert --to npy --threads 1 a.npy c
cmp b c && echo same
