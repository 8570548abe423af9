cd "$CORPUS/../safetensors/safetensors"
canon info torch_model.safetensors np2_meta.safetensors np1_empty.safetensors
CANON_CPU=portable canon info --json --digest torch_single.safetensors
