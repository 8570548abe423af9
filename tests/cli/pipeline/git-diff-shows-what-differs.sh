. "$(dirname "$0")/repository"
repository
mkdir models
cp "$data/torch-2.7.1/norm.pt" models/norm.pt
cp "$corpus/numpy/n1_dt_f32.npy" old.npy
cp "$corpus/torch/2.8.0/shared.pt" 'with & and space.pt'
commit -m old
cp "$data/torch-2.8.0/norm.pt" models/norm.pt
rm old.npy
cp "$corpus/numpy/n1_dt_i8.npy" new.npy
cp "$corpus/torch/2.8.0/tuple.pt" 'with & and space.pt'
echo words >words
(cd models && git diff) # git runs a driver in the top folder
git add -A
git diff --cached --stat
git diff --cached --name-status
git diff --cached; echo "exit $?"
commit -m new
# log and show take the lines of the textconv, diff the driver
git show --format=%s -- models
git log --format=%s -p -1 --diff-filter=D --text -- old.npy
git diff --no-ext-diff HEAD~ -- new.npy
