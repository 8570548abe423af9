cp "$CORPUS/numpy/n1_dt_u8.npy" a.npy
tail -c +129 a.npy | sha256sum | cut -d ' ' -f 1
canon info --json --digest a.npy | grep -o '"sha256":"[^"]*'
