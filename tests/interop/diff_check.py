#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""canon diff against torch and numpy on pairs of random tensors of every dtype, special values and all.
usage: diff_check.py CANON [PAIRS]      runs under any Python that has torch and numpy; prints N passed, N failed
Each pair: equality, allclose of both libraries, assert_close, the exact mean and maximum, ulp, and that the smallest
tolerances which canon tells do pass in the library and the next smaller number does not."""
import inspect
import json
import math
import os
import subprocess
import sys
import tempfile
from fractions import Fraction

import numpy as np
import torch

CANON = sys.argv[1]
PAIRS = int(sys.argv[2]) if len(sys.argv) > 2 else 3000
# torch before 2 rounds rtol to f16 as well, and its absolute values of complex numbers overflow; numpy before 2 computes
# with arrays of no dimension in f64, and finds an infinite complex number not close to itself.
OLD = int(torch.__version__.split(".")[0]) < 2 or int(np.__version__.split(".")[0]) < 2
RNG = np.random.default_rng(20261124)
DTYPES = ["float16", "bfloat16", "float32", "float64", "complex64", "complex128", "bool", "uint8", "int8", "int16", "int32", "int64"]
INT_OF = {2: np.uint16, 4: np.uint32, 8: np.uint64}
passed = failed = 0


def check(what, good, *detail):
    global passed, failed
    passed += bool(good)
    failed += not good
    if not good and failed <= 30:
        print("FAILED", what, *detail)


def floats(name, n):
    """Two arrays of n numbers as float64: near each other, or anything."""
    scale = RNG.choice([1.0, 1e-3, 1e-7, 1e4] + ([1e-40, 1e30] if name in ("float32", "bfloat16", "complex64") else []) +
                       ([1e-310, 1e300] if name in ("float64", "complex128") else []))
    a = RNG.standard_normal(n) * scale
    kind = RNG.integers(6)
    if kind == 0:
        return a, a
    noise = float(RNG.choice([1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2]))
    b = a * (1 + noise * RNG.standard_normal(n) * (RNG.random(n) < RNG.choice([0.05, 1.0])))
    if kind == 1:
        b = b + RNG.choice([1e-9, 1e-8, 1e-6, 1e-4])
    special = [0.0, -0.0, float("inf"), -float("inf"), float("nan")]
    for x in (a, b):
        if kind == 2 and n:
            x[RNG.integers(n)] = RNG.choice(special)
    if kind == 3 and n:
        at = RNG.integers(n)
        a[at] = b[at] = RNG.choice(special)
    return a, b


def integers(name, n):
    if name == "bool":
        a, b = (RNG.random(n) < 0.5 for _ in range(2))
        return (a, b) if RNG.integers(2) else (a, a)
    info = np.iinfo(name)
    a = RNG.integers(info.min, info.max, n, dtype=name, endpoint=True)
    b = a.copy()
    if RNG.integers(3) and n:
        b[RNG.integers(n)] ^= np.array(RNG.integers(1, 4), dtype=name)
    return a, b


def pair(name):
    shapes = [(), (0,), (1,), (7,), (3, 5), (4, 0, 2), (40,)]
    shape = shapes[RNG.integers(7)] if RNG.integers(30) else (2, 1100)  # more than go through kernels at a time
    n = int(np.prod(shape))
    if name.startswith("complex"):
        (ar, br), (ai, bi) = floats(name, n), floats(name, n)
        a, b = ar + 1j * ai, br + 1j * bi
    elif "float" in name:
        a, b = floats(name, n)
    else:
        a, b = integers(name, n)
    with np.errstate(over="ignore"):
        return [torch.from_numpy(np.ascontiguousarray(x)).to(getattr(torch, name)).reshape(shape) for x in (a, b)]


def parts(t):
    if t.dtype.is_complex:
        t = torch.view_as_real(t)
    if t.dtype == torch.bfloat16:
        t = t.float()
    return t.reshape(-1).tolist()


def code(t):
    """Bits as unsigned integers."""
    if t.dtype.is_complex:
        t = torch.view_as_real(t)
    signed = {1: torch.int8, 2: torch.int16, 4: torch.int32, 8: torch.int64}[t.element_size()]
    return [x & (2 ** (8 * t.element_size()) - 1) for x in t.contiguous().reshape(-1).view(signed).tolist()]


def ulps(t, u):
    sign = 1 << (8 * (torch.view_as_real(t) if t.dtype.is_complex else t).element_size() - 1)
    rank = lambda c: -(c - sign) if c & sign else c
    return [abs(rank(x) - rank(y)) for x, y in zip(code(t), code(u))]


def check_measures(what, a, b, row):
    xs, ys = parts(a), parts(b)
    finite = [(x, y, u) for x, y, u in zip(xs, ys, ulps(a, b)) if not isinstance(x, float) or (math.isfinite(x) and math.isfinite(y))]
    apart = [1 for x, y in zip(xs, ys) if isinstance(x, float) and not (math.isfinite(x) and math.isfinite(y)) and x != y and not (x != x and y != y)]
    exact = [abs(Fraction(x) - Fraction(y)) for x, y, _ in finite]
    count = len(xs) - len(apart)
    check(what + ": apart", row["nan"] + row["infinite"] == len(apart), row)
    if not count:
        check(what + ": nothing", row["max_abs_diff"] is None)
        return
    def number(value):
        try:
            return float(value)
        except OverflowError:
            return math.inf
    check(what + ": max", float(row["max_abs_diff"]) == number(max(exact, default=0)), row["max_abs_diff"])
    check(what + ": mean", float(row["mean_abs_diff"]) == number(sum(exact, Fraction(0)) / count), row["mean_abs_diff"])
    if a.dtype.is_floating_point or a.dtype.is_complex:
        check(what + ": ulp", row["max_ulp_diff"] == max((u for _, _, u in finite), default=0))


def numpy_takes(t):
    return t.dtype != torch.bfloat16


def tolerances(name, dtype):
    if name in ("torch", "numpy"):
        return 1e-5, 1e-8
    if name == "bitsandbytes":
        return {torch.float32: (1e-5, 1e-6), torch.bfloat16: (1e-2, 1e-3), torch.float16: (1e-3, 1e-4), torch.float64: (1e-3, 1e-4)}.get(dtype, (0, 0))
    return {torch.float16: (1e-3, 1e-5), torch.bfloat16: (1.6e-2, 1e-5), torch.float32: (1.3e-6, 1e-5), torch.float64: (1e-7, 1e-7),
            torch.complex64: (1.3e-6, 1e-5), torch.complex128: (1e-7, 1e-7)}.get(dtype, (0, 0))


def close(name, a, b, rtol, atol):
    if name == "numpy":
        with np.errstate(all="ignore"):
            return bool(np.allclose(a.numpy(), b.numpy(), rtol=rtol, atol=atol))
    return torch.allclose(a, b, rtol=rtol, atol=atol)


def assert_close(a, b):
    try:
        torch.testing.assert_close(a, b)
        return True
    except (AssertionError, RuntimeError):  # it stumbles over its own message where numbers are huge
        return False


def check_presets(what, a, b, row):
    for name, passes in row["presets"].items():
        if (name == "numpy" and not numpy_takes(a)) or (OLD and a.dtype.is_complex):
            continue
        rtol, atol = tolerances(name, a.dtype)
        wanted = assert_close(a, b) if name == "assert_close" else close(name, a, b, rtol, atol)
        check(f"{what}: {name}", passes == wanted, passes, row["failing"])
        check(f"{what}: {name} failing", (row["failing"][name] == 0) == passes)
        if a.dtype.is_complex or OLD:
            continue  # complex: absolute values are not rounded alike by all builds
        largest = 1e300 if name == "torch" or not a.dtype.is_floating_point else torch.finfo(a.dtype).max / 2
        least = row["passes_at"][name]
        for key, at in (("rtol", lambda v: close(name, a, b, v, atol)), ("atol", lambda v: close(name, a, b, rtol, v))):
            value = least[key]
            if value is None:
                check(f"{what}: {name} at no {key}", not at(largest))
                continue
            check(f"{what}: {name} at {key}", at(value), value)
            if value:
                check(f"{what}: {name} below {key}", not at(float(np.nextafter(value, 0))), value)


def fails(call, *args, **kwargs):
    try:
        with np.errstate(all="ignore"):
            call(*args, **kwargs)
        return False
    except AssertionError:
        return True


def check_numpy_testing(what, a, b, row):
    x, y = a.numpy(), b.numpy()
    wanted = row["presets"]["numpy"]
    check(what + ": assert_allclose", wanted != fails(np.testing.assert_allclose, x, y, rtol=1e-5, atol=1e-8, equal_nan=False))
    if a.dtype in (torch.float16, torch.float32, torch.float64) and np.isfinite(x).all() and np.isfinite(y).all() and x.size:
        most = row["max_ulp_diff"]
        if most < 1 / torch.finfo(a.dtype).eps:  # numpy keeps distances in the dtype
            check(what + ": assert_array_max_ulp", not fails(np.testing.assert_array_max_ulp, x, y, maxulp=most))
            check(what + ": no less", most == 0 or fails(np.testing.assert_array_max_ulp, x, y, maxulp=most - 1))


def check_exact(what, a, b, row):
    xs, ys, least = parts(a), parts(b), row["passes_at"]["exact"]
    couples = [(x, y) for x, y in zip(xs, ys) if not (x == y or (x != x and y != y))]
    hopeless = any(not (math.isfinite(x) and math.isfinite(y)) for x, y in couples)
    def smallest(values):
        bound = max(values, default=Fraction(0))
        value = float(bound)
        return value if Fraction(value) >= bound else float(np.nextafter(value, math.inf))
    if hopeless:
        check(what + ": hopeless", least["rtol"] is None and least["atol"] is None and least["ulp"] is None)
        return
    try:
        check(what + ": exact atol", least["atol"] == smallest(abs(Fraction(x) - Fraction(y)) for x, y in couples), least)
    except OverflowError:
        check(what + ": exact atol", least["atol"] is None)
    if any(y == 0 for _, y in couples):
        check(what + ": no exact rtol", least["rtol"] is None)
    else:
        try:
            check(what + ": exact rtol", least["rtol"] == smallest(abs(Fraction(x) - Fraction(y)) / abs(Fraction(y)) for x, y in couples), least)
        except OverflowError:
            check(what + ": exact rtol", least["rtol"] is None)


def diff(folder, *options):
    command = [CANON, "diff", "--json", *options, os.path.join(folder, "a.pt"), os.path.join(folder, "b.pt")]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode > 1:
        sys.exit(done.stderr)
    return {row["path"][1:]: row for row in json.loads(done.stdout)["tensors"]}


def main():
    pairs = {f"{i}.{DTYPES[i % len(DTYPES)]}": pair(DTYPES[i % len(DTYPES)]) for i in range(PAIRS)}
    with tempfile.TemporaryDirectory() as folder:
        for side in range(2):
            torch.save({key: both[side] for key, both in pairs.items()}, os.path.join(folder, "ab"[side] + ".pt"))
        presets = [word for name in ("torch", "numpy", "bitsandbytes", "assert_close") for word in ("--preset", name)]
        rows, values = diff(folder, *presets), diff(folder, "--equal", "values")
        for key, (a, b) in pairs.items():
            row = rows[key]
            check(key + ": bits", (row["status"] == "same") == (code(a) == code(b)))
            check(key + ": torch.equal", (values[key]["status"] == "same") == torch.equal(a, b))
            check_measures(key, a, b, row)
            check_exact(key, a, b, row)
            check_presets(key, a, b, row)
            if numpy_takes(a) and not OLD:
                check_numpy_testing(key, a, b, row)
    print(f"diff: torch {torch.__version__}, numpy {np.__version__}: {passed} passed, {failed} failed")
    sys.exit(failed != 0)


main()
