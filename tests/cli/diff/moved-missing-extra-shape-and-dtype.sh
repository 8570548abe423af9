head='\x93NUMPY\x01\x00\x46\x00'
# npy FILE DESCR SHAPE BYTES
npy() { { printf "$head"; printf "%-69s\n" "{'descr': '$2', 'fortran_order': False, 'shape': $3, }"; printf "$4"; } >"$1"; }
mkdir a b
npy a/kept.npy '|u1' '(2,)' '\1\2'
npy b/kept.npy '|u1' '(2,)' '\1\2'
npy a/old.npy '|u1' '(3,)' '\1\2\3'
npy b/new.npy '|u1' '(3,)' '\1\2\3'
npy b/other.npy '|u1' '(3,)' '\1\2\4'
npy a/gone.npy '|u1' '(2,)' '\7\7'
npy b/more.npy '<u2' '(1,)' '\7\7'
npy a/reshaped.npy '|u1' '(2, 2)' 'abcd'
npy b/reshaped.npy '|u1' '(4,)' 'abcd'
npy a/retyped.npy '|u1' '(2,)' 'ab'
npy b/retyped.npy '|i1' '(2,)' 'ab'
canon diff a b
echo "exit $?"
canon diff --json a b | grep -o '"path"[^}]*b_[^}]*'
canon diff --allow structure a b >out
echo "exit $?"
