cat "$CORPUS/numpy/n1_zerod_i64.npy" | canon digest -
canon digest --each "$CORPUS/numpy/n1_zerod_i64.npy" | sed "s|$CORPUS/||"
tail -c 8 "$CORPUS/numpy/n1_zerod_i64.npy" | sha256sum
