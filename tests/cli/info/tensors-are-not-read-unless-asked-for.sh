cp "$CORPUS/damaged/flip_data0.pt" a.pt
canon info a.pt | head -n 1
