cp "$CORPUS/numpy/n1_be_i32.npy" a.npy
canon convert a.npy b.npy
canon convert --to npy - - <a.npy >c.npy
cat a.npy | canon convert --to pt - - | canon convert - d.npy
cmp b.npy c.npy && cmp b.npy d.npy && echo same
canon convert - - <a.npy 2>&1 | sed "s|(.*)|(...)|"
