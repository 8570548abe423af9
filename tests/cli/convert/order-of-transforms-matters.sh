cp "$SAMPLES/torch-2.7.1/t.pt" .
canon convert --normalize ref --half t.pt 1.npy
canon convert --half --normalize ref t.pt 2.npy
cmp -s 1.npy 2.npy || echo different
canon convert --normalize ref --json --half t.pt 3.npy
