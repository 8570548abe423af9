#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""npz and safetensors of canon read back by numpy and safetensors, and theirs read by canon.
usage: arrays_readback.py CANON [FILE.pt ...]      under a Python that has numpy; safetensors and ml_dtypes where they are
there. Prints N passed, N failed. Arrays are compared by dtype, shape and bytes, files of one content byte by byte."""
import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile

import numpy as np

try:
    import ml_dtypes
    import safetensors
    import safetensors.numpy
except ImportError:
    safetensors = None

CANON, FILES = sys.argv[1], sys.argv[2:]
DTYPES = ["?", "u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f2", "f4", "f8", "c8", "c16"]
passed = failed = 0


def check(what, good, detail=""):
    global passed, failed
    passed += bool(good)
    failed += not good
    if not good:
        print(f"FAILED {what} {detail}"[:2000])


def canon(*args):
    p = subprocess.run([CANON, *args], capture_output=True)
    if p.returncode:
        raise RuntimeError(f"canon {' '.join(args)}: exit {p.returncode}: {p.stderr.decode().strip()}")
    return p.stdout


def same(a, b):
    return a.keys() == b.keys() and all(
        a[k].dtype.newbyteorder("=") == b[k].dtype.newbyteorder("=") and a[k].shape == b[k].shape
        and np.ascontiguousarray(a[k]).astype(a[k].dtype.newbyteorder("<")).tobytes() == b[k].tobytes() for k in a)


def arrays():
    rng = np.random.default_rng(5)
    every = {d.strip("?") or "bool": np.frombuffer(rng.integers(0, 2, 12 * 16).astype(np.uint8).tobytes(), d)[:12].reshape(3, 4) for d in DTYPES}
    shapes = {"scalar": np.array(2.5, "f4"), "none": np.zeros((2, 0, 3), "i2"), "fortran": np.asfortranarray(np.arange(24, dtype="i4").reshape(2, 3, 4)),
              "big": np.arange(5, dtype=">i4"), "large": rng.standard_normal((500, 300))}
    return every | shapes | {"a/b c.d": np.arange(3), "имя": np.arange(4, dtype="u1"), "\"\\\n": np.arange(2)}


def load(path):
    with np.load(path, allow_pickle=False) as file:
        return {k: file[k] for k in file.files}


def of_numpy(folder):
    a, b, c = (os.path.join(folder, name) for name in ("a.npz", "b.npz", "c.npz"))
    value = arrays()
    for save in (np.savez, np.savez_compressed):
        save(a, **value)
        canon("convert", "--force", a, b)
        check(f"numpy reads canon's copy of what {save.__name__} wrote", same(value, load(b)))
        canon("convert", "--force", b, c)
        check("canonical bytes are their own canonical bytes", open(b, "rb").read() == open(c, "rb").read())
    with zipfile.ZipFile(b) as file:
        check("zipfile finds nothing wrong", file.testzip() is None)
        check("its records are sorted", file.namelist() == sorted(file.namelist(), key=lambda n: n.removesuffix(".npy").encode()))
        for name in file.namelist():
            plain = io.BytesIO()
            x = value[name.removesuffix(".npy")]
            np.save(plain, np.array(x, dtype=x.dtype.newbyteorder("<"), order="C"))
            check(f"the record {name!r} is what numpy.save writes", file.read(name) == plain.getvalue())
    np.savez(a, np.arange(3), np.arange(4.0))
    canon("convert", "--force", a, b)
    check("positional arrays", same({"arr_0": np.arange(3), "arr_1": np.arange(4.0)}, load(b)))
    np.savez(a)
    canon("convert", "--force", a, b)
    check("no arrays", load(b) == {})


def of_safetensors(folder):
    a, b, c = (os.path.join(folder, name) for name in ("a.safetensors", "b.safetensors", "c.safetensors"))
    value = {k: np.array(v, dtype=v.dtype.newbyteorder("<"), order="C") for k, v in arrays().items() if v.dtype != np.complex128}
    for name in ("bfloat16", "float8_e4m3fn", "float8_e5m2"):
        value[name] = np.arange(6, dtype=np.uint8).repeat(2).view(getattr(ml_dtypes, name))
    for metadata in (None, {"format": "pt"}, {"format": "np", "z": "", "ü": "\"\\\n\x01"}):
        try:
            safetensors.numpy.save_file(value, a, metadata=metadata)
        except Exception as error:  # a dtype that this version lacks
            print(f"not saved by safetensors {safetensors.__version__}: {error}")
            return
        canon("convert", "--force", a, b)
        with open(b, "rb") as file:
            copy = dict(safetensors.deserialize(file.read()))
        check(f"safetensors reads canon's copy of its own file, {metadata}",
              {k: (v["shape"], bytes(v["data"])) for k, v in copy.items()} == {k: (list(v.shape), v.tobytes()) for k, v in value.items()})
        with safetensors.safe_open(b, "np") as file:
            check(f"metadata {metadata}", file.metadata() == (metadata or {}) | {"format": "pt"}, file.metadata())
        canon("convert", "--force", b, c)
        check("canonical bytes are their own canonical bytes", open(b, "rb").read() == open(c, "rb").read())
        if metadata == {"format": "pt"}:
            check("the library's own file is canonical", open(a, "rb").read() == open(b, "rb").read())


def digests(value):
    return {"/" + k.replace("~", "~0").replace("/", "~1"): hashlib.sha256(v.tobytes()).hexdigest() for k, v in value.items()}


def of_torch(folder):
    """What canon says of a .pt is what numpy and safetensors find in its copies."""
    for path in FILES:
        npz, st = os.path.join(folder, "out.npz"), os.path.join(folder, "out.safetensors")
        told = json.loads(canon("info", "--json", "--digest", path))["tensors"]
        name = ["--name", "arr_0"] if told[0]["path"] == "" else []
        want = {("/" + t["path"][1:].replace("/", "~1") if t["path"] else "/arr_0"): t["sha256"] for t in told}
        canon("convert", "--force", "--tensors-only", "--flatten", path, npz)
        check(f"{path} as npz", digests(load(npz)) == want)
        if safetensors:
            canon("convert", "--force", "--tensors-only", "--flatten", *name, path, st)
            with open(st, "rb") as file:
                found = {k: np.frombuffer(v["data"], np.uint8) for k, v in safetensors.deserialize(file.read())}
            check(f"{path} as safetensors", digests(found) == want)


def main():
    print(f"numpy {np.__version__}, safetensors {safetensors.__version__ if safetensors else 'is not there'}")
    with tempfile.TemporaryDirectory() as folder:
        of_numpy(folder)
        if safetensors:
            of_safetensors(folder)
        of_torch(folder)
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


main()
