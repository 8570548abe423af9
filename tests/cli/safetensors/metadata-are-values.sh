canon convert "$CORPUS/../safetensors/safetensors/np2_meta.safetensors" a.safetensors
head -c 144 a.safetensors | tail -c 136
echo
canon convert a.safetensors a.pt
canon convert a.pt b.safetensors
cmp a.safetensors b.safetensors
canon convert a.safetensors a.npz
canon convert --tensors-only a.safetensors a.npz && canon info a.npz | grep '^/'
