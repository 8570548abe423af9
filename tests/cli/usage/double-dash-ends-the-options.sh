cp "$CORPUS/numpy/n1_zerod_i64.npy" ./--json
canon convert -- --json --to.npy
ls
