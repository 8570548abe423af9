cp "$CORPUS/numpy/n2_hand_tail.npy" a.npy
cp "$CORPUS/numpy/n2_hand_native.npy" b.npy
canon convert a.npy c.npy
canon convert --quiet a.npy d.npy
canon convert b.npy e.npy
canon convert --verbose b.npy f.npy
canon info --verbose b.npy | tail -n 1
