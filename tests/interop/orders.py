#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""canon convert --reduce against the Python of docs/orders.md, and in the order exact against rational arithmetic and math.fsum.
usage: orders.py CANON docs/orders.md      runs under any Python that has numpy; with torch, bf16 and the f8 kinds as well"""
import math
import os
import re
import subprocess
import sys
import tempfile
import warnings
from fractions import Fraction

import numpy

try:
    import torch
except ImportError:
    torch = None

CANON, PAGE = sys.argv[1:3]
warnings.simplefilter("ignore")  # infinities and NaN are meant
specification = {"numpy": numpy}
exec(re.search(r"```python\n(.*?)```", open(PAGE).read(), re.S).group(1), specification)
ORDERS = ["sequential", "pairwise", "lanes8"]
OPERATIONS = ["sum", "mean", "norm", "sumsq"]
REAL = {numpy.dtype(numpy.complex64): numpy.float32, numpy.dtype(numpy.complex128): numpy.float64}
random = numpy.random.default_rng(20)
passed = failed = 0


def check(what, got, want):
    """Equal to the bit, NaN like NaN."""
    global passed, failed
    got, want = numpy.asarray(got), numpy.asarray(want)
    good = got.dtype == want.dtype and got.shape == want.shape
    if good:
        both = numpy.isnan(got) & numpy.isnan(want) if got.dtype.kind == "f" else numpy.zeros(got.shape, bool)
        good = bool(numpy.all((got.view(f"u{got.itemsize}") == want.view(f"u{got.itemsize}")) | both))
    passed += good
    failed += not good
    if not good:
        print(f"FAILED {what}: canon {got}, Python {want}")


def canon(x, operation, order, suffix="npy"):
    """Along the last axis."""
    with tempfile.TemporaryDirectory() as folder:
        before, after = os.path.join(folder, f"x.{suffix}"), os.path.join(folder, f"y.{suffix}")
        numpy.save(before, x) if suffix == "npy" else torch.save(x, before)
        subprocess.run([CANON, "convert", "--reduce", operation, "--order", order, before, after], check=True)
        return numpy.load(after) if suffix == "npy" else torch.load(after)


def accumulators(x):
    if x.dtype.kind == "f":
        return x.astype(numpy.float64 if x.dtype == numpy.float64 else numpy.float32)
    return x.astype(numpy.float64)


def specified(x, operation, order, dtype):
    rows = [specification["reduce"](operation, specification[order], row) for row in accumulators(x)]
    return numpy.array(rows).astype(dtype)


# ---- exact ----


def exact(row, operation):
    """A rational number; for norm, its square."""
    values = [Fraction(v.item()) for v in row]
    total = sum(v * v for v in values) if operation in ("norm", "sumsq") else sum(values)
    return total / len(values) if operation == "mean" else total


def about(value, root):
    """As a float, for a start."""
    try:
        return math.sqrt(value) if root else float(value)
    except OverflowError:
        return float(math.isqrt(int(value))) if root else math.inf if value > 0 else -math.inf


def nearest(value, root, dtype):
    """value, or its square root, rounded to nearest, ties to even: the neighbour that is not on the wrong side of a middle."""
    dtype = numpy.dtype(dtype)
    limits = numpy.finfo(dtype)
    start = dtype.type(min(float(limits.max), max(float(limits.min), about(value, root))))
    beyond = Fraction(float(limits.max)) * 2 - Fraction(float(numpy.nextafter(limits.max, dtype.type(0))))

    def exactly(x):
        return Fraction(float(x)) if numpy.isfinite(x) else beyond * (1 if x > 0 else -1)

    def above(middle):
        return value > middle * abs(middle) if root else value > middle

    def tie(middle):
        return value == (middle * abs(middle) if root else middle)

    def even(x):
        return int(numpy.array(x).view(f"u{dtype.itemsize}")) % 2 == 0

    x = start
    for _ in range(4):
        up, down = numpy.nextafter(x, dtype.type(numpy.inf)), numpy.nextafter(x, dtype.type(-numpy.inf))
        over, under = (exactly(x) + exactly(up)) / 2, (exactly(x) + exactly(down)) / 2
        if numpy.isfinite(x) and (above(over) or (tie(over) and not even(x))):
            x = up
        elif numpy.isfinite(x) and not (above(under) or (tie(under) and even(x))):
            x = down
    return x + dtype.type(0)


def finite_rows(dtype, n):
    rows = random.standard_normal((5, n)) * 2.0 ** random.integers(-8, 8, (5, n))
    rows[1] = numpy.ldexp(rows[1], random.integers(-4, 5, n))
    rows[2, n // 2:] = -rows[2, :n - n // 2]  # cancels
    rows[3] = 0
    rows[4] *= float(numpy.finfo(dtype).max) / 2.0 ** 20
    with numpy.errstate(over="ignore"):
        rows = rows.astype(dtype)
    return numpy.where(numpy.isfinite(rows), rows, dtype(1))


def special_rows(dtype, n):
    rows = finite_rows(dtype, n)
    rows[0, n // 2] = numpy.inf
    rows[1, 0], rows[1, n - 1] = -numpy.inf, numpy.inf
    rows[2, n // 3] = numpy.nan
    rows[3] = -0.0
    rows[4] = numpy.finfo(dtype).max
    return rows


def floats():
    for dtype in (numpy.float16, numpy.float32, numpy.float64):
        for n in (2, 3, 7, 8, 9, 64, 100, 1000):
            finite, special = finite_rows(dtype, n), special_rows(dtype, n)
            for operation in OPERATIONS:
                for order in ORDERS:
                    for rows in (finite, special):
                        check(f"{operation} {order} of {n} {rows.dtype}", canon(rows, operation, order),
                              specified(rows, operation, order, dtype))
                want = numpy.array([nearest(exact(row, operation), operation == "norm", dtype) for row in finite], dtype)
                check(f"{operation} exact of {n} {finite.dtype}", canon(finite, operation, "exact"), want)
            if dtype == numpy.float64:
                check(f"fsum of {n}", canon(finite, "sum", "exact"), numpy.array([math.fsum(row) for row in finite]))


def whole_numbers():
    for name in ("u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8"):
        limits = numpy.iinfo(name)
        for n in (1, 9, 500):
            rows = random.integers(limits.min, limits.max, (4, n), dtype=name, endpoint=True)
            small = rows // numpy.array(max(1, limits.max // 50000), name)
            for order in ORDERS + ["exact"]:
                for operation in ("sum", "sumsq"):
                    want = [int(exact(row, operation)) for row in small]
                    check(f"{operation} {order} of {n} {name}", canon(small, operation, order), numpy.array(want, name[0] + "8"))
            for operation in ("mean", "norm"):
                for order in ORDERS:
                    check(f"{operation} {order} of {n} {name}", canon(rows, operation, order), specified(rows, operation, order, "f8"))
                want = [nearest(exact(row, operation), operation == "norm", "f8") for row in rows]
                check(f"{operation} exact of {n} {name}", canon(rows, operation, "exact"), numpy.array(want))


def complex_numbers():
    for dtype in (numpy.complex64, numpy.complex128):
        real = REAL[numpy.dtype(dtype)]
        for n in (2, 9, 300):
            parts = finite_rows(real, n), finite_rows(real, n)[::-1]
            for operation in ("sum", "mean"):
                for order in ORDERS:
                    got = canon((parts[0] + 1j * parts[1].astype(dtype)).astype(dtype), operation, order)
                    for part, of in zip(parts, (got.real, got.imag)):
                        check(f"{operation} {order} of {n} {got.dtype}", numpy.ascontiguousarray(of), specified(part, operation, order, real))


def small_floats():
    """torch converts them to f32, exactly, and back, rounding once (f8: PyTorch 2.1 and later); what overflows is left out."""
    names = ["bfloat16", "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz"]
    for dtype in (getattr(torch, name) for name in names if hasattr(torch, name)):
        largest = 1e30 if dtype == torch.bfloat16 else torch.finfo(dtype).max
        for n in (1, 8, 9, 200):
            rows = torch.tensor(random.standard_normal((5, n)) * 2.0 ** random.integers(-6, 3, (5, n)), dtype=torch.float32).to(dtype)
            for operation in OPERATIONS:
                for order in ORDERS:
                    x = rows.to(torch.float32).numpy()
                    want = torch.from_numpy(specified(x, operation, order, numpy.float32))
                    fits = want.abs() <= largest
                    got = canon(rows, operation, order, "pt").to(torch.float32)
                    check(f"{operation} {order} of {n} {dtype}", got[fits].numpy(), want[fits].to(dtype).to(torch.float32).numpy())


floats()
whole_numbers()
complex_numbers()
if torch:
    small_floats()
print(f"numpy {numpy.__version__}{', torch ' + torch.__version__ if torch else ''}: {passed} passed, {failed} failed")
sys.exit(failed != 0)
