cp "$CORPUS/damaged/npy_cut.npy" a.npy
echo precious >b.npy
canon convert --force a.npy b.npy
status=$?
cat b.npy
ls
exit $status
