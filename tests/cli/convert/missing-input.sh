canon convert a.npy b.npy
status=$?
ls
exit $status
