cp "$CORPUS/torch/2.15.0/pyvals.pt" a.pt
canon info a.pt
