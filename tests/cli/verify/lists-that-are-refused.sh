zeros=$(printf '0%.0s' {1..64})
try() { printf "$1" >SUMS; canon verify SUMS; echo "exit $?"; }
try "canon1-tensors (a.pt) = $zeros\ncanon2-tree (a.pt) = $zeros\n"
try "SHA256 (a.pt) = $zeros\n"
try "$zeros  a.pt\n"
try "canon1-tree (a.pt) = ${zeros%0}\n"
try "canon1-tree (a.pt) = ${zeros%0}g\n"
try "canon1-tree () = $zeros\n"
try "\\\\canon1-tree (a\\\\q.pt) = $zeros\n"
try "\\\\canon1-tree (a\\\\x0.pt) = $zeros\n"
try "canon1-tree (a\\\\0.pt) = $zeros\n"
try ''
try '\n\r\n'
canon verify "$CORPUS/torch/2.8.0/state_dict.pt" 2>&1 | sed 's|^canon: .*/|canon: |'
