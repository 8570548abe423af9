canon convert "$CORPUS/../colbert/torch-2.8.0" out/
canon info out | grep -o 'memory_mapped.*'
for name in codes residuals; do
  canon info "$CORPUS/../colbert/torch-2.8.0/0.$name.pt" | grep -o 'first_storage.*'
  canon info "out/0.$name.pt" | grep -o 'first_storage.*'
  canon convert "out/0.$name.pt" $name.npy
  bytes=$(($(stat -c %s $name.npy) - 128))
  cmp -n $bytes -i 320:128 "out/0.$name.pt" $name.npy && echo "the numbers lie there"
done
canon digest --tree "$CORPUS/../colbert/torch-2.8.0" out | cut -d= -f2 | uniq -c | grep -c ' 2 '
