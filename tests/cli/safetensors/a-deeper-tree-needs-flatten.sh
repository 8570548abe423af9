canon convert --tensors-only "$CORPUS/torch/2.8.0/checkpoint.pt" a.safetensors
canon convert --tensors-only --flatten . "$CORPUS/torch/2.8.0/checkpoint.pt" a.safetensors
canon info a.safetensors | grep -c '^/'
canon convert "$CORPUS/torch/2.8.0/dtypes.pt" b.safetensors
ls
