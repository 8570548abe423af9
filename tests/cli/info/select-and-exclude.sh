cp "$CORPUS/torch/2.8.0/checkpoint.pt" a.pt
canon info --select '/state_dict/**' --exclude '/**.bias' a.pt | grep '^/'
canon info --select '/optimizer/state/?/step' --select /epoch a.pt | grep '^/'
canon info --tensors-only a.pt | grep -c '  values'
canon info --select /nothing a.pt
