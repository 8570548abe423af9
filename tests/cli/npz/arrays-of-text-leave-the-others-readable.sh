/usr/bin/python3 -c 'import numpy' 2>/dev/null || { echo "no numpy" >&2; exit 77; }
/usr/bin/python3 - <<'EOF'
import numpy
weights = numpy.arange(6, dtype="f4").reshape(2, 3)
numpy.savez("a.npz", w=weights, names=numpy.array(["one", "three"]), tags=numpy.array([b"x", b"yz"]))
numpy.savez_compressed("b.npz", w=weights, names=numpy.array(["one", "tree!"]), tags=numpy.array([b"x", b"yz"]))
numpy.save("names.npy", numpy.array(["one"]))
EOF
canon info a.npz | sed "s,0x[0-9a-f]*,0x...," | grep opaque
canon diff a.npz b.npz | grep -e ^.names -e ^.tags | cut -d " " -f 1-5
canon convert a.npz out.npz
echo "exit $?" >&2
canon convert --tensors-only a.npz out.npz && canon digest a.npz out.npz | cut -d= -f2 | uniq | wc -l
canon convert --exclude /names --exclude /tags b.npz other.npz && cmp out.npz other.npz
canon info names.npy
echo "exit $?" >&2
