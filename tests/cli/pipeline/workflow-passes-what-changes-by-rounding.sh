. "$(dirname "$0")/workflow"
workflow
ls out
git tag v1
cp "$data/torch-2.8.0/half_norm.pt" models/a.pt
cp "$corpus/torch/2.8.0/tuple.pt" models/new.pt
save second
ALLOW=half-flip workflow
