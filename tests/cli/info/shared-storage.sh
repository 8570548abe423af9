cp "$CORPUS/torch/2.8.0/shared.pt" a.pt
canon info a.pt
