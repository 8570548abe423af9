canon convert "$CORPUS/torch/2.8.0/checkpoint.pt" a.npz
canon convert --tensors-only "$CORPUS/torch/2.8.0/checkpoint.pt" a.npz
canon convert --tensors-only --flatten / "$CORPUS/torch/2.8.0/checkpoint.pt" a.npz
canon info a.npz | grep '^/'
canon convert --tensors-only --flatten=. "$CORPUS/torch/2.8.0/checkpoint.pt" b.npz
canon info b.npz | grep '^/'
canon convert --flatten '' "$CORPUS/torch/2.8.0/checkpoint.pt" c.npz
ls
