canon convert "$CORPUS/numpy/n1_dt_f32.npy" a.safetensors
canon convert --name weight "$CORPUS/numpy/n1_dt_f32.npy" a.safetensors
canon info a.safetensors | grep '^/'
canon convert 'a.safetensors#/weight' b.npy
cmp "$CORPUS/numpy/n1_dt_f32.npy" b.npy
