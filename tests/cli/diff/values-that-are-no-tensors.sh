cp "$CORPUS/torch/2.7.1/checkpoint.pt" a.pt
cp "$CORPUS/torch/2.8.0/checkpoint.pt" b.pt
canon diff --max 3 a.pt b.pt | tail -n +4
canon diff --tensors-only a.pt b.pt | tail -n 1
