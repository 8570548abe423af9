cp "$CORPUS/torch/2.7.1/params.pt" a.pt
canon info a.pt
