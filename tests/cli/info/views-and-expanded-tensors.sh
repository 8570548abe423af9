cp "$CORPUS/torch/2.8.0/views.pt" a.pt
canon info a.pt
