#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Two folders of arrays with every kind of difference that a page shows: a permutation, half-precision flips, an offset with
NaN and infinities, one row, one column, a vector, complex numbers, structure, names that are hostile. The same ones each time.
usage: tests/browser/cases.py A B"""
import os
import struct
import sys


def numbers(seed):
    """A generator of our own, so that no version of Python makes other pictures."""
    while True:
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
        yield seed >> 33


draw = numbers(7)


def below(n):
    return next(draw) % n


def write(path, descr, shape, code, values):
    header = ("{'descr': '%s', 'fortran_order': False, 'shape': %s, }" % (descr, shape)).ljust(117) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", 118) + header.encode())
        file.write(struct.pack("<%d%s" % (len(values), code), *values))


def both(name, descr, shape, code, a, b):
    write(os.path.join(sys.argv[1], name), descr, shape, code, a)
    write(os.path.join(sys.argv[2], name), descr, shape, code, b)


def rows_in_another_order():
    rows = [[below(100000) - 1000 for _ in range(64)] for _ in range(300)]
    order = sorted(range(300), key=lambda i: (i * 7919) % 300)
    both("ivf.npy", "<i4", (300, 64), "i", sum(rows, []), sum((rows[i] for i in order), []))


def flips():
    a = [0x3000 + below(0xC00) for _ in range(200 * 128)]
    b = [x + (2 * below(2) - 1) * (below(100) == 0) for x in a]
    both("half.npy", "<u2", (200, 128), "H", a, b)
    for side in sys.argv[1:3]:
        path = os.path.join(side, "half.npy")
        with open(path, "r+b") as file:
            data = file.read().replace(b"<u2", b"<f2", 1)
            file.seek(0)
            file.write(data)


def offset():
    a = [below(2000) / 512 - 2 for _ in range(40 * 50)]
    b = [x + 0.5 for x in a]
    b[77], b[99] = float("nan"), float("-inf")
    both("offset.npy", "<f4", (40, 50), "f", a, b)


def row_and_column():
    a = [below(1000) / 16 for _ in range(500 * 300)]
    b = [x + (i // 300 == 123 or i % 300 == 200) / 64 for i, x in enumerate(a)]
    both("row-and-column.npy", "<f8", (500, 300), "d", a, b)


for folder in sys.argv[1:3]:
    os.makedirs(folder)
rows_in_another_order()
flips()
offset()
row_and_column()
both("vector.npy", "|u1", (5000,), "B", [0] * 5000, [below(2) * (1000 <= i < 1400) for i in range(5000)])
both("complex.npy", "<c8", (2,), "f", [1, 2, 3, 4], [1, -2e30, 3, 4])
both("same.npy", "<f8", (3,), "d", [1, 2, 3], [1, 2, 3])
both("<script>alert(1)<\x1b[31m\"'&\u202eevil.npy", "<f4", (2, 3), "f", [0, 1, 2, 3, 4, 5], [0, 1, 2, 3, 4, -0.0])
both("a-path-without-end-" + 200 * "x" + ".npy", "|b1", (4,), "B", [0, 1, 0, 1], [0, 1, 1, 1])
write(os.path.join(sys.argv[1], "gone.npy"), "|u1", (2,), "B", [1, 2])
write(os.path.join(sys.argv[2], "extra.npy"), "|u1", (2,), "B", [2, 2])
write(os.path.join(sys.argv[1], "shape.npy"), "|u1", (4,), "B", [1, 2, 3, 4])
write(os.path.join(sys.argv[2], "shape.npy"), "|u1", (2, 2), "B", [1, 2, 3, 4])
