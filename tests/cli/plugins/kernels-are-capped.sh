CANON_CPU=portable canon plugins | head -n 1
CANON_CPU=ref canon plugins --json | grep -o '"kernels":"[^"]*"'
CANON_CPU=ref canon info --json "$CORPUS/numpy/n1_be_f64.npy" | grep -o '"kernels":"[^"]*"'
CANON_CPU=z80 canon plugins 2>&1 | sed 's/there are ref, portable.*/there are ref, portable.../'
CANON_CPU=z80 canon plugins >/dev/null 2>&1
echo "exit $?"
