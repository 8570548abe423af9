cp "$CORPUS/torch/2.7.1/state_dict.pt" a.pt
cp "$CORPUS/torch/2.8.0/state_dict.pt" b.pt
canon diff --json a.pt b.pt
canon diff --json --max 1 a.pt b.pt | grep -o '"path"[^,]*'
canon diff --json a.pt b.pt --threads 1 | cmp - <(canon diff --json a.pt b.pt --threads 5) && echo "whatever the number of threads"
