for operation in sum mean norm sumsq; do
  for order in sequential pairwise lanes8; do
    for threads in 1 2 3; do
      canon convert --threads $threads --reduce $operation --axis all --order $order "$SAMPLES/torch-2.7.1/t.pt" $threads.npy
    done
    cmp 1.npy 2.npy && cmp 1.npy 3.npy && echo $operation $order $(tail -c 4 1.npy | od -An -tx4)
    rm ?.npy
  done
done
