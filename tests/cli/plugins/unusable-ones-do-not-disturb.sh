mkdir folder
echo 'not a shared object' >folder/text.so
canon info --plugin-dir folder "$CORPUS/numpy/n1_zerod_i64.npy" | tail -n 1
canon convert --plugin-dir folder --frobnicate a b
