cp "$CORPUS/numpy/n1_be_i32.npy" a.npy
canon convert a.npy b.xyz 2>&1 | sed "s|(.*)|(...)|"
canon convert a.npy b 2>&1 | sed "s|(.*)|(...)|"
