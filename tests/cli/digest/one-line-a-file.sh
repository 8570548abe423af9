cp "$CORPUS/torch/2.8.0/state_dict.pt" a.pt
canon convert --tensors-only a.pt b.pt && canon digest a.pt b.pt
canon digest --tree a.pt a.npz
canon digest --tree --each --select '/*.bias' a.pt
canon digest 'a.pt#/out.bias'
canon info --json --digest a.pt | grep -o '"canon1-[a-z]*":"[0-9a-f]*"'
