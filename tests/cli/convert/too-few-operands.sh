canon convert
echo "exit $?"
canon convert a.npy
