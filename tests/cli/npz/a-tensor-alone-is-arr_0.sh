canon convert "$CORPUS/numpy/n1_dt_f32.npy" a.npz
canon info a.npz | grep '^/'
canon convert 'a.npz#/arr_0' b.npy
cmp "$CORPUS/numpy/n1_dt_f32.npy" b.npy
