cp "$CORPUS/numpy/n1_be_i32.npy" a.npy
for suffix in pt pth bin ckpt; do canon convert a.npy "b.$suffix"; done
cmp b.pt b.pth && cmp b.pt b.bin && cmp b.pt b.ckpt && echo same
