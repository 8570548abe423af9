cp "$CORPUS/torch/2.8.0/state_dict.pt" a.pt
canon convert a.pt sorted.pt
canon convert --keep-order a.pt kept.pt
paths() { canon info --json "$1" | grep -o '"path":"[^"]*"' | tr '\n' ' '; echo; }
paths a.pt
paths kept.pt
paths sorted.pt
