cp "$CORPUS/damaged/flip_data0.pt" a.pt
canon info --digest a.pt
