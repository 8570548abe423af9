name=$'a"\\\n\t\x01\x7f\xc3\xa9\xff\xed\xa0\x80.npy'
cp "$CORPUS/numpy/n1_zerod_i64.npy" "$name"
canon info --json "$name" | grep -o '"file":.*,"format":'
canon info "$name" | head -n 1
