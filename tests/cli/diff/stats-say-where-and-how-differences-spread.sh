for name in norm half_norm; do
  cp "$SAMPLES/torch-2.7.1/$name.pt" a.pt
  cp "$SAMPLES/torch-2.8.0/$name.pt" b.pt
  canon diff --stats a.pt b.pt | tail -n +4
  canon diff --stats --json a.pt b.pt | grep -o '"stats".*'
  canon diff --stats --json --threads 1 a.pt b.pt | cmp - <(canon diff --stats --json --threads 3 a.pt b.pt) && echo "whatever the number of threads"
done
npy() { { printf '\x93NUMPY\x01\x00\x46\x00%-69s\n' "{'descr': '|u1', 'fortran_order': False, 'shape': (3, 4), }"; printf "$2"; } >"$1"; }
npy a.npy 'abcdefghijkl'
npy b.npy 'abcdfghiijkl'
canon diff --stats a.npy b.npy | tail -n +4
canon diff --stats a.npy a.npy | tail -n +4
