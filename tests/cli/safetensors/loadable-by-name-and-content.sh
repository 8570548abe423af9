# the content tells, not the name
cp "$CORPUS/../safetensors/safetensors/torch_single.safetensors" model.bin
canon info model.bin | head -n 2
cat model.bin | canon info - | head -n 2
