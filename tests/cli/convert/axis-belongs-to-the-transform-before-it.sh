cp "$CORPUS/numpy/n1_dt_f32.npy" a.npy
canon convert --axis 0 --normalize ref a.npy b.npy
echo "exit $?"
canon convert --normalize ref --axis 0 a.npy b.npy
canon convert --normalize ref --cast f32 --axis 0 a.npy c.npy
canon convert --normalize ref --axis 0 --normalize ref a.npy d.npy
cmp b.npy c.npy && echo same
cmp -s b.npy d.npy || echo different
