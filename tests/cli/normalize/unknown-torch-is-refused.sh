for name in torch-1.12.1 torch-2.16.0 torch-2.8/avx torch-2.0.1/avx512 torch-2.8/threads=0 torch; do
  canon convert --normalize "$name" "$SAMPLES/torch-2.8.0/t.pt" out.npy
  echo "exit $?"
done
ls
