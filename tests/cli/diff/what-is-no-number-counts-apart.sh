head='\x93NUMPY\x01\x00\x46\x00'
npy() { { printf "$head"; printf "%-69s\n" "{'descr': '<f4', 'fortran_order': False, 'shape': (6,), }"; printf "$2"; } >"$1"; }
one='\0\0\x80\x3f' next='\1\0\x80\x3f' nan='\0\0\xc0\x7f' other_nan='\1\0\xc0\x7f' inf='\0\0\x80\x7f' minus_inf='\0\0\x80\xff' zero='\0\0\0\0' minus_zero='\0\0\0\x80'
npy a.npy "$one$nan$nan$inf$zero$one"
npy b.npy "$next$one$other_nan$minus_inf$minus_zero$one"
canon diff a.npy b.npy
canon diff --json --equal values a.npy b.npy | grep -o '"differing":.*"values":'
npy a.npy "$zero$nan$nan$nan$zero$one"
npy b.npy "$minus_zero$nan$nan$nan$zero$one"
canon diff a.npy b.npy | tail -n +4
canon diff --equal values a.npy b.npy | tail -n +4
canon diff --equal nothing a.npy b.npy
echo "exit $?"
