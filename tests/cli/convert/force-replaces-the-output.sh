cp "$CORPUS/numpy/n1_be_i32.npy" a.npy
echo old >b.npy
canon convert --force a.npy b.npy
canon info --digest a.npy b.npy | grep canon1-tensors
ls
