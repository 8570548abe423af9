cp "$CORPUS/numpy/n1_dt_f64.npy" a.npy
canon info a.npy
