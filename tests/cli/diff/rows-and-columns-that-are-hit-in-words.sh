# One tensor of 64 rows and 96 columns; MAKE says which elements of it are another number.
cat >make.py <<'END'
import os, struct, sys
def npy(path, shape, values):
    header = ("{'descr': '<f4', 'fortran_order': False, 'shape': %s, }" % (shape,)).ljust(117) + "\n"
    with open(path, "wb") as file: file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", 118) + header.encode() + struct.pack(f"<{len(values)}f", *values))
cases = {
    "a-one-row": lambda row, column: row == 17,
    "b-one-column": lambda row, column: column == 7,
    "c-one-element": lambda row, column: (row, column) == (3, 95),
    "d-block-of-32-columns": lambda row, column: 32 <= column < 64 and row % 5 == 0,
    "e-block-of-32-rows": lambda row, column: 32 <= row and (row + column) % 9 == 0,
    "f-everything": lambda row, column: True,
    "g-scattered": lambda row, column: row in (2, 60) and column in (9, 90),
}
os.mkdir("a"), os.mkdir("b")
for name, is_hit in cases.items():
    npy(f"a/{name}.npy", (64, 96), [1] * 6144)
    npy(f"b/{name}.npy", (64, 96), [1 + is_hit(i // 96, i % 96) for i in range(6144)])
npy("a/h-vector.npy", (9,), [1] * 9)
npy("b/h-vector.npy", (9,), [1, 1, 2, 2, 2, 1, 1, 1, 1])
npy("a/i-number.npy", (), [1])
npy("b/i-number.npy", (), [2])
# More than 65536 rows are not counted.
npy("a/j-long.npy", (70000, 1), [1] * 70000)
npy("b/j-long.npy", (70000, 1), [1 + (10 <= i < 20) for i in range(70000)])
npy("a/k-long-one.npy", (70000, 1), [1] * 70000)
npy("b/k-long-one.npy", (70000, 1), [1 + (i == 69999) for i in range(70000)])
END
python3 make.py
canon diff --stats a b | sed -n '/REL L2/,/^$/p' | cut -c 1-24,99-
canon diff --stats --json a b | grep -o '"rows":{[^}]*},"columns":{[^}]*}'
canon diff --quiet --html page.html a b
grep -o '<dt>\(Rows\|Columns\) with differences</dt><dd>[^<]*' page.html
