export CANON_CPU=portable
cp "$CORPUS/torch/2.8.0/shared.pt" a.pt
canon info --json --digest --stats a.pt
