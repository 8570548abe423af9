# 2^24 and eight ones: the example of docs/orders.md.
{
  printf '\223NUMPY\1\0\166\0%-117s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': (9,), }"
  printf '\0\0\200\113'
  for i in 1 2 3 4 5 6 7 8; do printf '\0\0\200\77'; done
} >x.npy
for order in sequential pairwise lanes8 exact; do
  canon convert --reduce sum --order $order x.npy $order.npy
  echo $order $(tail -c 4 $order.npy | od -An -tfF)
done
canon convert --reduce sum x.npy default.npy
cmp exact.npy default.npy
canon convert --json --reduce norm --order lanes8 --axis 0 x.npy norm.npy
