npy() { printf '\223NUMPY\1\0\166\0%-117s\n' "{'descr': '$1', 'fortran_order': False, 'shape': ($2,), }"; }
{ npy '<f4' 3; printf '\0\0\200\177\312\361\111\161\0\0\200\077'; } >a.npy # inf, 1e30, 1
canon convert --half a.npy b.npy; echo "exit $?"
canon convert --half --quiet a.npy c.npy; echo "exit $?"
canon convert --half --saturate a.npy d.npy; echo "exit $?"
canon info --stats b.npy d.npy | grep root
