. "$(dirname "$0")/repository"
repository
git config core.hooksPath "$samples/pre-commit/hooks"
git config canon.allow structure
try() { commit "$@" 2>&1; echo "exit ${PIPESTATUS[0]}"; }
mkdir out
cp "$corpus/torch/2.8.0/checkpoint.pt" out/in.pt
canon convert --record --half --tensors-only 'out/in.pt#/state_dict' out/half.pt
try -m 'input, output, record'
cp "$corpus/torch/2.8.0/shared.pt" out/half.pt
try -m 'another output'
git checkout -q HEAD -- .
canon convert --cast f64 out/in.pt out/in.pt --force
try -m 'another input'
rm out/in.pt
try -m 'no input'
git log --format=%s
