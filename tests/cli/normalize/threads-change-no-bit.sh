# canon's own threads; those of torch are part of a variant's name.
for name in ref torch-1.13 torch-2.7.1 torch-2.8 torch-2.8/default; do
  for axis in 0 1; do
    for threads in 1 2 3 7; do
      canon convert --threads $threads --normalize $name --axis $axis "$SAMPLES/torch-2.8.0/t.pt" $threads.npy --force
    done
    cmp 1.npy 2.npy && cmp 1.npy 3.npy && cmp 1.npy 7.npy && echo "$name, axis $axis"
  done
done
