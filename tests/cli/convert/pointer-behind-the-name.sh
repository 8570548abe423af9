cp "$CORPUS/torch/2.8.0/checkpoint.pt" a.pt
canon convert 'a.pt#/state_dict' b.pt
canon info b.pt | grep '^/'
canon convert 'a.pt#/state_dict/out.weight' c.npy
canon info c.npy | grep '^(root)'
canon info 'a.pt#/config'
cat a.pt | canon info '-#/config/nested' | grep '^/'
canon convert 'a.pt#/nowhere' d.pt
