cp "$CORPUS/numpy/n1_dt_f32.npy" a.npy
canon convert --normalize ref --axis 7 a.npy b.npy
echo "exit $?"
canon convert --normalize ref --axis -7 a.npy b.npy
echo "exit $?"
canon convert --normalize ref --axis north a.npy b.npy
echo "exit $?"
ls
