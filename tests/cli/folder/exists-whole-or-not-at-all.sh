mkdir d
cp "$CORPUS/numpy/n1_be_i32.npy" d/a.npy
canon convert d out --to folder
canon convert d out --to folder
echo "exit $?"
canon convert --cast i64 --force d out/ --to folder && canon info out | grep npy
mkdir -p out/sub
printf mine >out/sub/notes
canon convert --force d out --to folder
echo "exit $?"
find out -type f | sort
rm -r out/sub
cp "$CORPUS/damaged/crc_wrong.pt" d/m.pt
cp out/a.npy before
canon convert --force d out --to folder
echo "exit $?"
cmp before out/a.npy && echo as it was
canon convert --force d d --to folder
echo "exit $?"
rm d/m.pt
canon convert --force d d --to folder && canon info d | grep npy
canon convert d - --to folder
echo "exit $?"
canon convert d missing/out --to folder
echo "exit $?"
canon convert d before --to folder
echo "exit $?"
ls -A
