cp "$CORPUS/numpy/n1_be_i32.npy" a.npy
echo precious >b.npy
canon convert a.npy b.npy
status=$?
cat b.npy
exit $status
