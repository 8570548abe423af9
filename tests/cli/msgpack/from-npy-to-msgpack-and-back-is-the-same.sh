canon convert "$CORPUS/numpy/n1_dt_f32.npy" a.msgpack
od -An -c -N 40 a.msgpack
canon convert a.msgpack b.npy
cmp "$CORPUS/numpy/n1_dt_f32.npy" b.npy
canon convert --dialect flax b.npy c.msgpack
od -An -c -N 24 c.msgpack
canon convert c.msgpack d.npy
cmp b.npy d.npy
