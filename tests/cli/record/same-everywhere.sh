cp "$CORPUS/torch/2.8.0/state_dict.pt" a.pt
mkdir x y z && cp a.pt x && cp a.pt y
canon convert --record --half a.pt z/b.pt
(cd x && canon convert --record --half --threads 1 "$PWD/a.pt" b.pt)
(cd y && canon convert --force --record --half ./a.pt ../y/b.pt)
cmp x/b.pt.canon.json y/b.pt.canon.json && cmp x/b.pt.canon.json z/b.pt.canon.json && echo same
