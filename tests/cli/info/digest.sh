cp "$CORPUS/torch/2.8.0/state_dict.pt" a.pt
canon info --digest a.pt
