cp "$CORPUS/torch/2.7.1/state_dict.pt" a.pt
cp "$CORPUS/torch/2.8.0/state_dict.pt" b.pt
canon diff a.pt b.pt
echo "exit $?"
canon diff a.pt a.pt
