mkdir d $'d/caf\xe9'
for name in 'a b.npy' $'new\nline.npy' $'caf\xe9/x.npy' $'\xff.npy' $'\xc3\xbc.npy' '~.npy' '#.npy' '.npy' '-.npy'; do
  cp "$CORPUS/numpy/n1_be_i32.npy" "d/$name"
done
canon info d
canon convert d out --to folder
canon digest --tree d out | cut -d= -f2 | uniq -c | grep -c ' 2 '
canon digest "d#/b'caf\\xe9'/x.npy"
(cd out && find . | sort) >names
(cd d && find . | sort) | cmp - names && echo the same names
