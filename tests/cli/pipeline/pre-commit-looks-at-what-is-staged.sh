. "$(dirname "$0")/repository"
repository
git config core.hooksPath "$samples/pre-commit/hooks"
git config canon.allow structure
cp "$corpus/numpy/n1_dt_f32.npy" a.npy
canon digest a.npy >SUMS
commit -m 'both'
cp "$corpus/numpy/n1_dt_i8.npy" a.npy
git add a.npy
cp "$corpus/numpy/n1_dt_f32.npy" a.npy
git commit -q -m 'bad is staged, good lies there' 2>&1; echo "exit $?"
canon digest --tree a.npy >SUMS
git reset -q && git add SUMS
cp "$corpus/numpy/n1_dt_i8.npy" a.npy
git commit -q -m 'good is staged, bad lies there' 2>&1; echo "exit $?"
git commit -q -m 'bad by its name' a.npy 2>&1; echo "exit $?"
git status --short
git log --format=%s
