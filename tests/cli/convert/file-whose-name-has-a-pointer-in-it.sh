mkdir 'a.npy#'
cp "$CORPUS/numpy/n1_zerod_i64.npy" 'a.npy#/b.npy'
canon info 'a.npy#/b.npy' | head -n 2
