cp "$CORPUS/numpy/n1_be_i32.npy" a.npy
mkdir folder.npy
canon convert folder.npy b.npy
echo "exit $?"
canon convert --force a.npy folder.npy
echo "exit $?"
ls
