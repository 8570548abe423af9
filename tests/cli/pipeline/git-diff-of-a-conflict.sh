. "$(dirname "$0")/repository"
repository
save() { cp "$corpus/numpy/n1_dt_$1.npy" a.npy && commit -m "$1"; }
save f32
git checkout -q -b other && save i8
git checkout -q main && save u8
git merge -q other >/dev/null 2>&1; echo "exit $?"
git diff; echo "exit $?"
git diff --cached; echo "exit $?"
./canon-git-diff a.npy
cmp a.npy "$corpus/numpy/n1_dt_u8.npy" && echo ours is in place
