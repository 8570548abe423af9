canon convert --half "$CORPUS/numpy/n1_dt_f32.npy" a.npy
canon convert --cast f16 "$CORPUS/numpy/n1_dt_f32.npy" b.npy
cmp a.npy b.npy && canon info a.npy
canon convert --half=f16 "$CORPUS/numpy/n1_dt_f32.npy" c.npy
