cp "$CORPUS/numpy/n1_be_i32.npy" a.npy
canon convert a.npy b.pt
canon convert b.pt c.npy
canon info b.pt
canon info --digest a.npy b.pt c.npy | grep canon1-tensors
