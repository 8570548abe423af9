cp "$CORPUS/numpy/n1_zerod_i64.npy" a.npy
touch b.npy
canon convert -qf a.npy b.npy
cmp a.npy b.npy && echo same
canon convert -qz a.npy b.npy
