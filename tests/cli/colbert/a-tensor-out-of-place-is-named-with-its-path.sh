index=$CORPUS/../colbert/small
canon convert --half --to colbert "$index" out; echo "exit $?"
canon convert --cast u8 --select '/**' --to colbert "$index" out; echo "exit $?"
canon convert --flatten=. "$index" flat.npz
canon convert --to colbert flat.npz out; echo "exit $?"
ls
