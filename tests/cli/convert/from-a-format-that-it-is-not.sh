cp "$CORPUS/numpy/n1_be_i32.npy" a.npy
canon convert --from pt a.npy b.npy
