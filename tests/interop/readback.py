#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Outputs of canon read back by the real libraries, values of the real libraries read by canon.
usage: readback.py CANON [FILE.pt ...]      runs under any Python that has torch and numpy; prints N passed, N failed
Every tensor is compared by the SHA-256 of its bytes: what torch holds, what canon says, what torch reads of canon's output."""
import hashlib
import inspect
import json
import math
import os
import subprocess
import sys
import tempfile
from collections import OrderedDict

import numpy as np
import torch

CANON, FILES = sys.argv[1], sys.argv[2:]
WEIGHTS_ONLY = int(torch.__version__.split(".")[0]) >= 2  # 1.13 has it and refuses floats
MMAP = "mmap" in inspect.signature(torch.load).parameters
DTYPES = {
    "bool": torch.bool, "u8": torch.uint8, "i8": torch.int8, "i16": torch.int16, "i32": torch.int32, "i64": torch.int64,
    "f16": torch.float16, "bf16": torch.bfloat16, "f32": torch.float32, "f64": torch.float64,
    "c64": torch.complex64, "c128": torch.complex128,
}
for short, name in [("u16", "uint16"), ("u32", "uint32"), ("u64", "uint64"), ("f8_e4m3fn", "float8_e4m3fn"),
                    ("f8_e5m2", "float8_e5m2"), ("f8_e4m3fnuz", "float8_e4m3fnuz"), ("f8_e5m2fnuz", "float8_e5m2fnuz"),
                    ("f8_e8m0fnu", "float8_e8m0fnu"), ("c32", "complex32")]:
    if hasattr(torch, name):
        DTYPES[short] = getattr(torch, name)
NAMES = {v: k for k, v in DTYPES.items()}
passed = failed = 0


def check(what, good, detail=""):
    global passed, failed
    passed += bool(good)
    failed += not good
    if not good:
        print(f"FAILED {what} {detail}")


def canon(*args):
    p = subprocess.run([CANON, *args], capture_output=True)
    if p.returncode:
        raise RuntimeError(f"canon {' '.join(args)}: exit {p.returncode}: {p.stderr.decode().strip()}")
    return p.stdout


def load(path, **kw):
    if WEIGHTS_ONLY:
        kw["weights_only"] = True
    return torch.load(path, map_location="cpu", **kw)


def tensor_bytes(t):
    t = t.detach().cpu().resolve_conj().resolve_neg().contiguous().reshape(-1)
    return t.view(torch.uint8).numpy().tobytes() if t.numel() else b""


def leaves(value, path=""):
    """(pointer, tensor) of every tensor below value."""
    if isinstance(value, torch.Tensor):
        yield path, value
    elif isinstance(value, dict):
        for k, v in value.items():
            yield from leaves(v, f"{path}/{str(k).replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, (list, tuple)):
        for i, v in enumerate(value):
            yield from leaves(v, f"{path}/{i}")


def described(value):
    return {p: (NAMES[t.dtype], list(t.shape), hashlib.sha256(tensor_bytes(t)).hexdigest()) for p, t in leaves(value)}


def told(path):
    info = json.loads(canon("info", "--json", "--digest", path))
    return {t["path"]: (t["dtype"], t["shape"], t["sha256"]) for t in info["tensors"]}, info["digest"]


def round_trip(name, path, folder):
    """torch's file, canon's account of it, canon's copy, torch's account of that."""
    original = described(load(path))
    account, digest = told(path)
    check(f"{name}: canon sees what torch sees", account == original, f"{account}\n{original}"[:600])
    copy = os.path.join(folder, name + ".copy.pt")
    canon("convert", "--force", path, copy)
    check(f"{name}: torch reads canon's copy", described(load(copy)) == original)
    if MMAP:
        check(f"{name}: torch maps canon's copy", described(load(copy, mmap=True)) == original)
    check(f"{name}: the copy has the same digests", told(copy)[1] == digest)
    again = os.path.join(folder, name + ".again.pt")
    canon("convert", "--force", copy, again)
    check(f"{name}: canonical bytes are their own canonical bytes", open(copy, "rb").read() == open(again, "rb").read())


def make(folder):
    """Files of this very torch: dtypes, shapes, views, nesting, values."""
    g = torch.Generator().manual_seed(13)
    base = torch.rand(64, generator=g)
    every = {}
    for short, dtype in DTYPES.items():
        raw = torch.arange(48, dtype=torch.uint8) % 2 if short == "bool" else torch.randint(0, 56, (48,), generator=g, dtype=torch.uint8)
        every[short] = raw.view(dtype) if dtype != torch.bool else raw.bool()
    z = torch.complex(base[:8], base[8:16])
    made = {
        "dtypes": every,
        "shapes": {"zero": torch.zeros(0), "zeros": torch.zeros(3, 0, 2), "scalar": torch.tensor(2.5), "deep": torch.rand(2, 1, 3, 1, 4, generator=g)},
        "views": {"t": base.view(8, 8).t(), "step": base[3::5], "expanded": base[:4].expand(6, 4), "whole": base, "conj": z.conj(), "neg": z.clone().conj().imag},
        "nested": OrderedDict(a=[base[:2], (base[2:5], {"x/y~z": base[5:6], 7: base[6:9]})], n=None, i=-(2 ** 70), f=math.pi, s="é\n", b=True),
        "parameter": torch.nn.Linear(3, 2).state_dict(),
        "root": base.view(4, 16),
    }
    unsavable = []
    for name, value in made.items():
        path = os.path.join(folder, name + ".pt")
        while True:
            try:
                torch.save(value, path)
                break
            except Exception as error:  # a dtype that this torch has and cannot save
                culprit = [k for k in value if name == "dtypes" and str(value[k].dtype) in str(error)] if isinstance(value, dict) else []
                culprit = culprit or ([list(value)[-1]] if name == "dtypes" else [])
                if not culprit:
                    raise
                unsavable.append(culprit[0])
                del value[culprit[0]]
        yield name, path
    if unsavable:
        print(f"not saved by torch {torch.__version__}: {' '.join(unsavable)}")


def npy(folder):
    """canon's npy is numpy.save's, to the byte, and back."""
    for short in ["bool", "u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64", "f16", "f32", "f64", "c64", "c128"]:
        dtype = {"bool": "?", "c64": "c8", "c128": "c16"}.get(short) or short[0] + str(int(short[1:]) // 8)
        for shape in [(), (0,), (5,), (3, 4), (2, 3, 4)]:
            x = np.random.default_rng(7).integers(0, 2, shape).astype(dtype) * np.array(1, dtype)
            a, b = os.path.join(folder, "a.npy"), os.path.join(folder, "b.npy")
            np.save(a, np.array(x, order="F"))
            canon("convert", "--force", a, b)
            np.save(a, np.array(x, order="C"))
            check(f"npy {short}{shape}", open(a, "rb").read() == open(b, "rb").read())


def normalize(folder):
    """The reference in Python integers: n = RN24(sqrt(exact sum of squares)), y = RN(x / max(n, 1e-12))."""
    x = np.random.default_rng(3).standard_normal((50, 96)).astype(np.float32)
    want = np.empty_like(x)
    for i, row in enumerate(x):
        s = sum(int(float(v) * 2.0 ** 60) ** 2 for v in row)
        a = s << 64
        r = math.isqrt(a)
        b = r.bit_length() - 24
        q, rem, half = r >> b, r & ((1 << b) - 1), 1 << (b - 1)
        q += rem > half or (rem == half and (r * r != a or q & 1))
        want[i] = row / np.maximum(np.float32(math.ldexp(q, b - 92)), np.float32(1e-12))
    a, b = os.path.join(folder, "x.pt"), os.path.join(folder, "y.npy")
    torch.save(torch.from_numpy(x), a)
    canon("convert", "--normalize", "ref", "--force", a, b)
    check("normalize ref", np.array_equal(np.load(b).view(np.uint32), want.view(np.uint32)))
    canon("convert", "--normalize", "ref", "--half", "--force", a, b)
    check("normalize ref, half", np.array_equal(np.load(b).view(np.uint16), want.astype(np.float16).view(np.uint16)))


def main():
    print(f"torch {torch.__version__}, numpy {np.__version__}")
    with tempfile.TemporaryDirectory() as folder:
        for name, path in make(folder):
            round_trip(name, path, folder)
        for path in FILES:
            round_trip(os.path.basename(os.path.dirname(path)) + "-" + os.path.basename(path)[:-3], path, folder)
        npy(folder)
        normalize(folder)
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


main()
