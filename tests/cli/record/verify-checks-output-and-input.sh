mkdir x && cp "$CORPUS/torch/2.8.0/checkpoint.pt" x/a.pt
canon convert --record --half 'x/a.pt#/state_dict' x/b.pt --exclude '/*.bias'
verify() { canon verify "$@" x/b.pt.canon.json; echo "exit $?"; }
verify
verify --quiet
(cd x && canon verify - <b.pt.canon.json; echo "exit $?")
cp "$CORPUS/torch/2.8.0/shared.pt" x/b.pt
verify --quiet
mv x/a.pt y.pt
verify
verify --json | grep -o '"result":"[^"]*"'
rm x/b.pt
verify
