cp "$CORPUS/numpy/n1_zerod_i64.npy" a.npy
for i in $(seq 2000); do echo a.npy; done | xargs canon info 2>/dev/null | head -n 1
echo "${PIPESTATUS[1]}"
