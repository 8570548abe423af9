cp "$CORPUS/torch/2.8.0/shared.pt" a.pt
canon convert --json --half a.pt b.pt
