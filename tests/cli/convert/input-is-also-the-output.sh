cp "$CORPUS/numpy/n1_be_i32.npy" a.npy
cp a.npy b.npy
canon convert --force a.npy a.npy
canon info --digest a.npy b.npy | grep canon1-tensors
