cp "$CORPUS/torch/2.8.0/state_dict.pt" a.pt
canon info --stats a.pt
canon info --stats "$CORPUS/numpy/n1_be_i32.npy" | tail -n 2
canon info --stats "$CORPUS/numpy/n1_dt_c64.npy" | tail -n 2
canon info --stats "$CORPUS/numpy/n1_empty3.npy" | tail -n 2
# numbers that are none, and integers that no double holds: each as it is
npy() { printf '\223NUMPY\1\0\166\0%-117s\n' "{'descr': '$1', 'fortran_order': False, 'shape': ($2,), }"; }
{ npy '<i8' 2; printf '\377\377\377\377\377\377\377\177\1\0\0\0\0\0\0\200'; } >i.npy
{ npy '<u8' 1; printf '\376\377\377\377\377\377\377\377'; } >u.npy
{ npy '<f4' 3; printf '\0\0\300\177\0\0\200\177\0\0\300\277'; } >f.npy
canon info --stats i.npy | tail -n 1
for f in i u f; do canon info --stats --json $f.npy | grep -o '"stats":{[^}]*}'; done
canon info --stats --json "$CORPUS/numpy/n1_empty3.npy" | grep -o '"stats":{[^}]*}'
