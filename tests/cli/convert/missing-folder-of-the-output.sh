cp "$CORPUS/numpy/n1_be_i32.npy" a.npy
canon convert a.npy nowhere/b.npy
