. "$(dirname "$0")/repository"
repository
git config diff.canon.cachetextconv true
cp "$corpus/numpy/n1_be_i32.npy" a.npy
commit -m one
git show --format=%s -- a.npy >first
echo exit >canon-textconv
git show --format=%s -- a.npy >second
git update-ref -d refs/notes/textconv/canon
git show --format=%s -- a.npy >third
cmp first second && grep -c '^+canon1' first
grep -q canon1 third || echo and the cache was empty
