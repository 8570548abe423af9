canon convert "$CORPUS/torch/2.8.0/dtypes.pt#/bf16" a.npz
canon convert --ml-dtype bf16 "$CORPUS/torch/2.8.0/dtypes.pt#/bf16" a.npz
canon info a.npz
canon info --ml-dtype bf16 a.npz | grep '^/'
