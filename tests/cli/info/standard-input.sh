cat "$CORPUS/numpy/n1_zerod_i64.npy" | canon info -
