#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""msgpack of canon read back by msgpack-numpy and flax, and theirs read by canon.
usage: msgpack_readback.py CANON [FILE.pt ...]      under a Python that has msgpack-numpy and flax; prints N passed, N failed
Trees are compared value by value, arrays by dtype, shape and bytes. NumPy's scalars come back as arrays without dimensions."""
import hashlib
import importlib.metadata
import json
import math
import os
import subprocess
import sys
import tempfile

os.environ.setdefault("JAX_PLATFORMS", "cpu")
import flax
import flax.serialization
import jax.numpy as jnp
import ml_dtypes
import msgpack
import msgpack_numpy
import numpy as np

CANON, FILES = sys.argv[1], sys.argv[2:]
NUMPY_DTYPES = ["?", "u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f2", "f4", "f8", "c8", "c16"]
ML_DTYPES = ["bfloat16", "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz", "float8_e8m0fnu"]
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
    if isinstance(a, (np.ndarray, np.generic)) or hasattr(a, "__array__"):
        a = np.asarray(a)
        return isinstance(b, np.ndarray) and a.dtype.name == b.dtype.name and a.shape == b.shape and a.astype(a.dtype.newbyteorder("<")).tobytes() == b.tobytes()
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, (list, tuple)):
        return isinstance(b, (list, tuple)) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, float) and math.isnan(a):
        return isinstance(b, float) and math.isnan(b)
    return type(a) is type(b) and a == b and repr(a) == repr(b)


def tree(dtypes):
    rng = np.random.default_rng(5)
    every = {d: np.frombuffer(rng.integers(0, 2, 12 * 16).astype(np.uint8).tobytes(), d)[:12].reshape(3, 4) for d in dtypes}
    return {
        "dtypes": every,
        "shapes": [np.zeros((), "f4"), np.zeros(0, "f8"), np.zeros((2, 0, 3), "i2"), np.arange(24, dtype="i4").reshape(2, 3, 4).T],
        "values": {"none": None, "yes": True, "no": False, "int": -(2 ** 63), "large": 2 ** 64 - 1, "pi": math.pi, "tiny": 5e-324,
                   "inf": -math.inf, "nan": math.nan, "zero": -0.0, "text": "é\n\0", "bytes": b"\0\xff", "empty": {}, "list": []},
        "complex": [1 + 2j, -0.0 - 1e-300j, complex(math.inf, -1)],
    }


def read_numpy(path):
    with open(path, "rb") as f:
        return msgpack.unpackb(f.read(), object_hook=msgpack_numpy.decode, strict_map_key=False)


def read_flax(path):
    with open(path, "rb") as f:
        return flax.serialization.msgpack_restore(f.read())


def write(path, data):
    with open(path, "wb") as f:
        f.write(data)


def of_numpy(folder):
    a, b = os.path.join(folder, "a.msgpack"), os.path.join(folder, "b.msgpack")
    value = tree(NUMPY_DTYPES) | {7: "seven", b"bytes": 1, "big": np.arange(5, dtype=">i4"), "scalar": np.float32(1.5)}
    for is_bin in (True, False):
        write(a, msgpack.packb(value if is_bin else {"w": value["dtypes"]}, default=msgpack_numpy.encode, use_bin_type=is_bin))
        want = value if is_bin else {"w": value["dtypes"]}
        canon("convert", "--force", a, b)
        check(f"msgpack-numpy reads canon's copy of its own file, use_bin_type={is_bin}", same(want, read_numpy(b)), read_numpy(b))
    del value["big"], value["scalar"]  # others' byte order, and NumPy's scalars, are not kept
    value["dtypes"] = dict(sorted(value["dtypes"].items()))
    one = value["dtypes"]["f4"]
    write(a, msgpack.packb(one, default=msgpack_numpy.encode))
    canon("convert", "--force", a, b)
    check("an array of msgpack-numpy is canonical", open(a, "rb").read() == open(b, "rb").read())


def of_flax(folder):
    a, b, c = (os.path.join(folder, name) for name in ("a.msgpack", "b.msgpack", "c.msgpack"))
    value = tree(NUMPY_DTYPES)
    for name in ML_DTYPES:
        value["dtypes"][name] = np.arange(6, dtype=np.uint8).repeat(2).view(getattr(ml_dtypes, name)).reshape(2, -1)
    value["jax"] = jnp.arange(6, dtype=jnp.bfloat16).reshape(2, 3)
    write(a, flax.serialization.msgpack_serialize(value))
    canon("convert", "--force", "--dialect", "flax", a, b)
    check("flax reads canon's copy of its own file", same(value, read_flax(b)), read_flax(b))
    canon("convert", "--force", "--dialect", "flax", b, c)
    check("canonical bytes are their own canonical bytes", open(b, "rb").read() == open(c, "rb").read())

    params = {"params": {"Dense_0": {"bias": jnp.zeros(7, jnp.bfloat16), "kernel": jnp.ones((5, 7))}}, "step": 3}
    write(a, flax.serialization.to_bytes(params))
    canon("convert", "--force", "--dialect", "flax", a, b)
    check("flax's own file is canonical, its keys being sorted", open(a, "rb").read() == open(b, "rb").read())

    most, flax.serialization.MAX_CHUNK_SIZE = flax.serialization.MAX_CHUNK_SIZE, 40
    large = {"w": np.arange(70, dtype="f4").reshape(7, 10), "b": np.arange(33).astype(ml_dtypes.bfloat16)}
    write(a, flax.serialization.msgpack_serialize(large))
    flax.serialization.MAX_CHUNK_SIZE = most
    check("flax made chunks", b"__msgpack_chunked_array__" in open(a, "rb").read())
    canon("convert", "--force", "--dialect", "flax", a, b)
    check("flax's chunks are one array", same(large, read_flax(b)), read_flax(b))


def digests(value, path=""):
    if isinstance(value, np.ndarray):
        yield path, hashlib.sha256(value.tobytes()).hexdigest()
    elif isinstance(value, dict):
        for k, v in value.items():
            yield from digests(v, f"{path}/{str(k).replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        for i, v in enumerate(value):
            yield from digests(v, f"{path}/{i}")


def of_torch(folder):
    """What canon says of a .pt is what the libraries find in its msgpack."""
    for path in FILES:
        out = os.path.join(folder, "out.msgpack")
        want = {t["path"]: t["sha256"] for t in json.loads(canon("info", "--json", "--digest", path))["tensors"]}
        for dialect, read in (("numpy", read_numpy), ("flax", read_flax)):
            canon("convert", "--force", "--tensors-only", "--dialect", dialect, path, out)
            check(f"{path} for {dialect}", dict(digests(read(out))) == want)


def main():
    print(f"msgpack-numpy {importlib.metadata.version('msgpack-numpy')}, flax {flax.__version__}, numpy {np.__version__}")
    with tempfile.TemporaryDirectory() as folder:
        of_numpy(folder)
        of_flax(folder)
        of_torch(folder)
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


main()
