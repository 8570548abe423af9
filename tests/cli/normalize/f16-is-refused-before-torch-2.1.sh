cp "$SAMPLES/torch-2.8.0/half_norm.pt" .
canon convert --normalize torch-2.1.0 half_norm.pt new.npy
echo "exit $?"
canon convert --normalize torch-2.0.1 half_norm.pt old.npy
echo "exit $?"
ls
