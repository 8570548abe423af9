cp "$CORPUS/torch/2.8.0/state_dict.pt" a.pt
canon digest --select '/*.bias' a.pt >SUMS
canon verify SUMS; echo "exit $?"
canon verify --select '/*.bias' SUMS; echo "exit $?"
canon digest --each --select '/*.bias' a.pt | canon verify -; echo "exit $?"
canon digest --each 'a.pt#/out.bias' | canon verify -; echo "exit $?"
canon digest --each a.pt | sed 's/weight/wait/' | canon verify --quiet -; echo "exit $?"
