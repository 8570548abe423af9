. "$(dirname "$0")/repository"
repository
cp "$corpus/torch/2.8.0/checkpoint.pt" a.pt
cp "$corpus/torch/2.8.0/state_dict.pt" b.pt
cp "$corpus/numpy/n1_be_i32.npy" c.npy
commit -m old
rezipped() { # FILE: the same members, compressed and in another order
  python3 - "$1" <<'PYTHON'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    members = [(name, archive.read(name)) for name in archive.namelist()]
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as archive:
    for name, data in [members[0]] + members[:0:-1]: archive.writestr(name, data)
PYTHON
}
rezipped a.pt
canon convert b.pt sorted.pt && mv sorted.pt b.pt
canon convert c.npy little.npy && mv little.npy c.npy
git diff --numstat --no-textconv --no-ext-diff
echo == driver
git diff
echo == textconv
git diff --no-ext-diff | grep -v ^index
commit -m new && git show --format=%s | grep -v ^index
