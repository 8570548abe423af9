cd "$CORPUS/../safetensors/damaged"
for file in st_*.safetensors; do
  canon info --from safetensors $file
  echo $?
done 2>&1
