cp "$CORPUS/numpy/n1_dt_f32.npy" a.npy
canon convert --normalize best a.npy b.npy 2>&1 | sed 's/it has .*/it has .../'
echo "exit ${PIPESTATUS[0]}"
canon convert --cast f99 a.npy b.npy
echo "exit $?"
ls
