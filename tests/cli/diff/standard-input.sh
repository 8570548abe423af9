cp "$CORPUS/torch/2.8.0/state_dict.pt" a.pt
canon diff a.pt - <a.pt | tail -n 1
cat a.pt | canon diff '-#/out.bias' 'a.pt#/out.bias' | tail -n 1
canon diff - - <a.pt; echo "exit $?"
canon diff '-#/out.bias' - <a.pt; echo "exit $?"
