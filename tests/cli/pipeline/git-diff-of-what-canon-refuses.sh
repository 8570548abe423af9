. "$(dirname "$0")/repository"
repository
cp "$corpus/damaged/npy_cut.npy" a.npy
echo no model >b.pt
commit -m old
cp "$corpus/numpy/n1_be_i32.npy" a.npy
echo no model either >b.pt
git diff | sed 's, --from .*, --from,'; echo "exit ${PIPESTATUS[0]}"
git diff --no-ext-diff | sed 's, --from .*, --from,'; echo "exit ${PIPESTATUS[0]}"
