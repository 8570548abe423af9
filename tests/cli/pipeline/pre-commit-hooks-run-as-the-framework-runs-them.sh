# https://pre-commit.com calls each entry of .pre-commit-hooks.yaml in the top folder of the repository.
. "$(dirname "$0")/repository"
repository
/usr/bin/python3 - "$samples/pre-commit/.pre-commit-hooks.yaml" >hooks <<'PYTHON'
import re, sys, yaml
for hook in yaml.safe_load(open(sys.argv[1])):
    assert hook["language"] == "script" and hook["pass_filenames"] is False and hook["name"] and hook["description"]
    files = [name for name in ("a.pt", "x/b.npy", "SUMS", "x/SUMS", "b.npy.canon.json", "a.pt.txt", "SHA256SUMS")
             if re.search(hook["files"], name)]
    print(hook["id"], hook["entry"], *files)
PYTHON
hooks() {
  while read -r id entry files; do "$samples/pre-commit/$entry" 2>&1; echo "$id: exit $?"; done <hooks
}
cut -d ' ' -f 1,3- hooks
cp "$data/torch-2.7.1/half_norm.pt" a.pt
canon digest a.pt >SUMS
commit -m 'first'
cp "$data/torch-2.8.0/half_norm.pt" a.pt
git add a.pt
hooks
git config canon.allow half-flip
hooks
git commit -q -m 'as pre-commit run --all-files finds it'
hooks
