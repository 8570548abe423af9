# whatever is on the way
canon convert "$CORPUS/torch/2.8.0/state_dict.pt" a.safetensors
canon convert a.safetensors b.npz
canon convert b.npz c.msgpack
canon convert c.msgpack d.safetensors
cmp a.safetensors d.safetensors
canon digest --tensors-only "$CORPUS/torch/2.8.0/state_dict.pt" a.safetensors b.npz c.msgpack | sed 's/.*= //' | uniq | wc -l
