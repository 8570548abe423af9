cp "$CORPUS/torch/2.8.0/shared.pt" a.pt
canon convert a.pt b.pt
canon convert --verbose a.pt c.pt
