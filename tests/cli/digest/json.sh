cp "$CORPUS/torch/2.8.0/state_dict.pt" a.pt
canon digest --json a.pt
canon digest --json --each --select '/*.bias' a.pt
