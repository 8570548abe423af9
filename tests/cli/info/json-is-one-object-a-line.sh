command -v python3 >/dev/null || { echo "no python3" >&2; exit 77; }
cd "$CORPUS"
canon info --json --digest --stats torch/2.8.0/*.pt torch/2.15.0/pyvals.pt torch/2.15.0/re_*.pt numpy/n1_dt_*.npy | python3 -c '
import json, sys
for line in sys.stdin:
    info = json.loads(line)
    assert list(info)[:5] == ["schema", "file", "format", "producer", "format_details"], list(info)
    assert info["schema"] == "canon.info/1"
    paths = [(t["path"], t.get("key_kind")) for t in info["tensors"] + info["values"]]
    assert len(set(paths)) == len(paths), (info["file"], paths)
    print(info["file"], len(info["tensors"]), len(info["values"]))'
