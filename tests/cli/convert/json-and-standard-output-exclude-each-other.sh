cp "$CORPUS/numpy/n1_be_i32.npy" a.npy
canon convert --json --to npy a.npy -
