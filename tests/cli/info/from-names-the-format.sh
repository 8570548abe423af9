cp "$CORPUS/numpy/n1_zerod_i64.npy" a.pt
canon info --from npy a.pt | grep format
canon info a.pt | grep format
canon info --from pt a.pt
