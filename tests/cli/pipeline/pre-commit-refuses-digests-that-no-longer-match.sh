. "$(dirname "$0")/repository"
repository
git config core.hooksPath "$samples/pre-commit/hooks"
git config canon.allow structure
try() { commit "$@" 2>&1; echo "exit ${PIPESTATUS[0]}"; }
mkdir models
cp "$corpus/torch/2.8.0/state_dict.pt" models/a.pt
cp "$corpus/torch/2.8.0/shared.pt" 'models/b c.pt'
cp "$corpus/numpy/n1_dt_f32.npy" 'models/odd\name.npy'
(cd models && canon digest -- *.pt *.npy >SUMS && canon digest --tree 'a.pt#/emb.weight' >>SUMS)
try -m 'artifacts and their digests'
canon convert models/a.pt same.pt && mv same.pt models/a.pt
try -m 'another container'
canon convert --half models/a.pt half.pt && mv half.pt models/a.pt
cp "$corpus/numpy/n1_dt_i8.npy" 'models/odd\name.npy'
try -m 'other values'
(cd models && canon digest -- *.pt *.npy >SUMS)
try -m 'other values and their digests'
echo words >words
try -m 'something else'
rm 'models/b c.pt'
try -m 'one goes'
git log --format=%s
