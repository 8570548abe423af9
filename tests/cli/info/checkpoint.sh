cp "$CORPUS/torch/2.15.0/re_deflate.pt" a.pt
canon info a.pt
