cp "$CORPUS/torch/2.8.0/state_dict.pt" a.pt
canon convert a.pt b.pt --select '/*.weight'
canon info b.pt
canon convert a.pt c.pt --exclude '/*.weight'
canon info c.pt
