cat >make.py <<'END'
import json, os, struct, sys
def npy(path, value):
    header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }".ljust(117) + "\n"
    with open(path, "wb") as file: file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", 118) + header.encode() + struct.pack("<3f", 1, 2, value))
for side, value in ("a", 3), ("b", 4):
    os.makedirs(side)
    for i in range(1500): npy(f"{side}/{i}.npy", value if i % 2 else 3)
    for i in range(1500, 1510): npy(f"{side}/{side}{i}.npy", i)
END
python3 make.py
show() { grep -c '<section ' page.html; grep -o '<p class="quiet">[0-9].*' page.html; }
canon diff --quiet --html page.html a b; echo "exit $?"; show
[ "$(wc -c <page.html)" -lt 600000 ] && echo small
canon diff --quiet --force --max 3 --html page.html a b; show
canon diff --quiet --force --max 0 --html page.html a b; show
canon diff --quiet --force --first --html page.html a b; show
