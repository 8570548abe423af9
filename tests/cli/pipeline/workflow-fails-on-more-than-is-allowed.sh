. "$(dirname "$0")/workflow"
git tag v1
cp "$data/torch-2.8.0/half_norm.pt" models/a.pt
save second
workflow >run
cat run
awk '/^~~~$/ {within = 0} within {print} /^~~~text$/ {within = 1}' "$samples/README.md" >shown
tail -n "$(wc -l <shown)" run | diff -u --label README.md --label "what is printed" shown -
