cp "$CORPUS/torch/2.7.1/state_dict.pt" a.pt
cp "$CORPUS/torch/2.8.0/state_dict.pt" b.pt
canon diff --first a.pt b.pt | tail -n +4
canon diff --first a.pt b.pt --exclude /emb.weight --exclude '/layers.0.*' | tail -n +4
