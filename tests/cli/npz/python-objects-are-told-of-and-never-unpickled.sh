/usr/bin/python3 -c 'import numpy' 2>/dev/null || { echo "no numpy" >&2; exit 77; }
/usr/bin/python3 - <<'EOF'
import numpy, os
class Trap:
    def __reduce__(self):
        return os.mkdir, ("trapped",)
weights = numpy.arange(6, dtype="f4").reshape(2, 3)
numpy.savez("a.npz", w=weights, o=numpy.array([Trap()], dtype=object), r=numpy.zeros(1, [("x", "<f4"), ("y", "O")]))
numpy.savez_compressed("b.npz", w=weights, o=numpy.array([{"a": 1}], dtype=object), r=numpy.zeros(1, [("x", "<f4"), ("y", "O")]))
numpy.savez("w.npz", w=weights)
EOF
canon info a.npz | sed "s,0x[0-9a-f]*,0x...," | grep -e "^/w" -e opaque
canon info --json a.npz | grep -o "pickled Python objects" | uniq -c
canon diff a.npz b.npz 2>&1 | cut -c 1-58
canon convert a.npz out.npz; echo "exit $?"
canon convert --tensors-only a.npz out.npz; canon diff out.npz w.npz | tail -1
canon convert 'a.npz#/w' w.npy && canon info w.npy | tail -1
ls
