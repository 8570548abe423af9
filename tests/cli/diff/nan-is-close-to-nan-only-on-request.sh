{ printf '\x93NUMPY\x01\x00\x46\x00%-69s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }"; printf '\0\0\xc0\x7f\0\0\x80\x7f'; } >a.npy
cp a.npy b.npy
canon diff a.npy b.npy | tail -n +4
canon diff --preset torch a.npy b.npy | tail -n +4
canon diff -q --preset torch a.npy b.npy; echo "exit $?"
canon diff -q --preset torch --equal-nan a.npy b.npy; echo "exit $?"
