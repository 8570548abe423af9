cp "$CORPUS/torch/2.8.0/state_dict.pt" a.pt
canon info --stats a.pt
canon info --stats "$CORPUS/numpy/n1_be_i32.npy" | tail -n 2
canon info --stats "$CORPUS/numpy/n1_dt_c64.npy" | tail -n 2
canon info --stats "$CORPUS/numpy/n1_empty3.npy" | tail -n 2
