# Two blocks and a piece of each type: rounding, noise, zeros, NaN and infinities among them.
python3 - <<'END'
import random
import struct

random.seed(7)
for name, count in (("f2", 300_001), ("f4", 150_001), ("f8", 70_001)):
    code = {"f2": "e", "f4": "f", "f8": "d"}[name]
    a = [random.gauss(0, 1) for _ in range(count)]
    b = [x * (1 + random.choice([0, 1e-7, 1e-3, -1e-2])) for x in a]
    for i in range(0, count // 3, 7919):
        a[i], b[i + 1], b[i + 2], a[i + 3], b[i + 3] = float("nan"), float("inf"), 0.0, 0.0, -0.0
    for side, values in (("a", a), ("b", b)):
        head = "{'descr': '<%s', 'fortran_order': False, 'shape': (%d,)}" % (name, count)
        head += " " * (117 - len(head)) + "\n"
        with open(f"{side}-{name}.npy", "wb") as file:
            file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + struct.pack(f"<{count}{code}", *values))
END
for type in f2 f4 f8; do
  for options in "" "--stats" "--equal values" "--preset torch --preset numpy --preset assert_close --stats" "--ulp 3 --rtol 1e-4"; do
    CANON_CPU=ref canon diff --json --threads 1 $options a-$type.npy b-$type.npy >one.json
    for cpu in $(CANON_CPU=z80 canon plugins 2>&1 | sed 's/.*there are //; s/[,;.]/ /g'); do
      for threads in 1 3; do
        CANON_CPU=$cpu canon diff --json --threads $threads $options a-$type.npy b-$type.npy | cmp - one.json || echo "$cpu, $threads threads"
      done
    done
    echo "$type $options: $(grep -o '"differing":[0-9]*' one.json)"
  done
done
