. "$(dirname "$0")/workflow"
git tag v1
echo no model >models/a.pt
commit -m 'no model'
workflow | sed 's, --from .*, --from,'
git checkout -q v1
(cd models && canon digest b.pt >SUMS)
echo no model >models/a.pt
commit -m 'no model, and no digest of it'
workflow | sed 's, --from .*, --from,'
