/usr/bin/python3 -c 'import numpy' 2>/dev/null || { echo "numpy is not there" >&2; exit 77; }
canon convert --tensors-only --flatten / "$CORPUS/torch/2.8.0/checkpoint.pt" a.npz
canon info --json --digest a.npz >told
/usr/bin/python3 - a.npz told <<'PYTHON'
import hashlib, json, numpy, sys
told = {t["path"]: t["sha256"] for t in json.load(open(sys.argv[2]))["tensors"]}
read = {"/" + n.replace("~", "~0").replace("/", "~1"): hashlib.sha256(x.tobytes()).hexdigest() for n, x in numpy.load(sys.argv[1]).items()}
print(len(read), "arrays,", "all the same" if read == told else "not the same")
PYTHON
