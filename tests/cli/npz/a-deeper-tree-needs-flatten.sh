canon convert "$CORPUS/torch/2.8.0/checkpoint.pt" a.npz
canon convert --tensors-only "$CORPUS/torch/2.8.0/checkpoint.pt" a.npz
canon convert --tensors-only --flatten / "$CORPUS/torch/2.8.0/checkpoint.pt" a.npz
canon info a.npz | grep '^/'
canon convert --tensors-only --flatten=. "$CORPUS/torch/2.8.0/checkpoint.pt" b.npz
canon info b.npz | grep '^/'
canon convert --flatten= "$CORPUS/torch/2.8.0/checkpoint.pt" c.npz
canon convert "$CORPUS/torch/2.8.0/checkpoint.pt" --flatten d.npz --tensors-only
cmp a.npz d.npz
canon convert "$CORPUS/torch/2.8.0/checkpoint.pt" --flatten e.npz
canon info e.npz | grep json
ls
