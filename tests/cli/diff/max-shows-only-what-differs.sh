cp "$CORPUS/torch/2.7.1/state_dict.pt" a.pt
cp "$CORPUS/torch/2.8.0/state_dict.pt" b.pt
canon diff --max 2 a.pt b.pt | tail -n +4
canon diff --max 0 a.pt b.pt
canon diff --max many a.pt b.pt
echo "exit $?"
