cp "$SAMPLES/torch-2.7.1/norm.pt" a.pt
echo mine >b.npy.canon.json
canon convert --record a.pt b.npy; echo "exit $?"
ls
canon convert --record --force a.pt b.npy && canon verify --quiet b.npy.canon.json; echo "exit $?"
canon convert --record a.pt - --to npy | cat; echo "exit ${PIPESTATUS[0]}"
mkdir c.npy.canon.json
canon convert --force --record a.pt c.npy; echo "exit $?"
canon convert --record "$CORPUS/torch/2.8.0/shared.pt" d.npy 2>/dev/null; echo "exit $?"
ls -A
