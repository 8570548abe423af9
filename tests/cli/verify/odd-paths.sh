cp "$CORPUS/torch/2.8.0/oddnames.pt" a.pt
canon digest --each a.pt | canon verify -
