mkdir -p d/sub/deep
cp "$CORPUS/torch/2.8.0/state_dict.pt" d/sub/deep/m.pt
cp "$CORPUS/numpy/n1_be_i32.npy" d/sub/n.npy
printf 'hello\n' >d/README.md
: >d/nothing
canon convert d one --to folder
(umask 077; canon convert --threads 1 d two --to folder)
diff -r one two && echo the same
canon convert one three --to folder
diff -r one three && echo the same
canon convert d tree.msgpack
canon convert tree.msgpack four --to folder
diff -r one four && echo the same
canon convert d/sub/deep/m.pt m.pt
cmp m.pt one/sub/deep/m.pt && cmp d/README.md one/README.md && echo the same
canon digest --tree d one four tree.msgpack | cut -d= -f2 | uniq -c | grep -c ' 4 '
canon digest --tree --each d >SUMS
canon verify SUMS >/dev/null && echo verified
(cd one && find . | sort)
