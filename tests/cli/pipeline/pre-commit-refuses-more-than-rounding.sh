. "$(dirname "$0")/repository"
repository
git config core.hooksPath "$samples/pre-commit/hooks"
try() { commit "$@" 2>&1 | sed 's, --from .*, --from,'; echo "exit ${PIPESTATUS[0]}"; }
mkdir models
cp "$data/torch-2.7.1/norm.pt" models/norm.pt
canon convert --cast f32 "$corpus/numpy/n1_dt_i8.npy" one.npy
try -m 'the first are not compared'
printf '\001' | dd of=one.npy bs=1 seek=128 conv=notrunc status=none # the last bit of the first element
try -m 'rounding'
cp "$data/torch-2.8.0/norm.pt" models/norm.pt
canon convert --half one.npy half.npy && mv half.npy one.npy
try -m 'values, structure'
(cd models && git -c canon.allow=structure commit -q -a -m 'wanted'); echo "exit $?"
git mv one.npy moved.npy
try -m 'a new name is a new file'
echo no model >moved.npy
try -m 'what canon cannot read'
git log --format=%s
