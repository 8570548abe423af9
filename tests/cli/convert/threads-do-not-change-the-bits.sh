for threads in 1 2 3; do
  canon convert --threads $threads --normalize ref --half "$SAMPLES/torch-2.7.1/t.pt" $threads.pt
  canon info --threads $threads --stats --digest $threads.pt | tail -n +2 | sha256sum
done | uniq | wc -l
cmp 1.pt 2.pt && cmp 1.pt 3.pt && echo same
