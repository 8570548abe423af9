cp "$CORPUS/torch/2.8.0/state_dict.pt" a.pt
cp "$CORPUS/torch/2.8.0/shared.pt" b.pt
canon digest --tree a.pt b.pt >SUMS
canon digest --each a.pt >>SUMS
canon convert --half a.pt h.pt && mv h.pt a.pt
canon verify SUMS; echo "exit $?"
canon verify --quiet SUMS; echo "exit $?"
canon verify --json SUMS | tr '{' '\n'
