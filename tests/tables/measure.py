#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What torch says of pairs of folders, tensor by tensor, as JSON on standard output: torch.equal, torch.allclose with three
sets of tolerances, the mean absolute difference, exact, and as torch computes it in f64. check.py holds canon against it.
usage: measure.py A B [A B ...]          folders of .pt files, or ColBERT indexes; runs under any Python that has torch
       measure.py --versions FOLDER OUT  of files NAME_VERSION.npy in FOLDER, in two versions each: copies in OUT/a and OUT/b"""
import json
import math
import os
import re
import sys
from fractions import Fraction

import numpy as np
import torch

# rtol, atol; other dtypes: 0, 0
TOLERANCES = {
    "torch": lambda dtype: (1e-5, 1e-8),
    "bitsandbytes": {torch.float16: (1e-3, 1e-4), torch.bfloat16: (1e-2, 1e-3), torch.float32: (1e-5, 1e-6), torch.float64: (1e-3, 1e-4)}.get,
    "assert_close": {torch.float16: (1e-3, 1e-5), torch.bfloat16: (1.6e-2, 1e-5), torch.float32: (1.3e-6, 1e-5), torch.float64: (1e-7, 1e-7)}.get,
}


def load(path):
    return torch.load(path, map_location="cpu", weights_only=True)


def index_tensors(folder):
    file = lambda name: os.path.join(folder, name)
    yield "/centroids", load(file("centroids.pt"))
    yield "/avg_residual", load(file("avg_residual.pt"))
    yield from zip(("/bucket_cutoffs", "/bucket_weights"), load(file("buckets.pt")))
    pids, lengths = load(file("ivf.pid.pt"))
    yield from (("/ivf/pids", pids[: int(lengths.sum())]), ("/ivf/lengths", lengths))
    for name in sorted(os.listdir(folder)):
        found = re.fullmatch(r"(\d+)\.(codes|residuals)\.pt|doclens\.(\d+)\.json", name)
        if found and found[2]:
            yield f"/chunks/{found[1]}/{found[2]}", load(file(name))
        elif found:
            with open(file(name)) as doclens:
                yield f"/chunks/{found[3]}/doclens", torch.tensor(json.load(doclens), dtype=torch.int64)


def folder_tensors(folder):
    for root, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(root, name)
            yield "/" + os.path.relpath(path, folder), load(path)


def tensors(folder):
    is_index = os.path.exists(os.path.join(folder, "ivf.pid.pt"))
    return dict(index_tensors(folder) if is_index else folder_tensors(folder))


def mean(a, b):
    """Exact, rounded once; of all but pairs with a NaN or an infinity that the other side has not. None: nothing is left."""
    x, y = a.double().reshape(-1), b.double().reshape(-1)
    same = (x == y) | (x.isnan() & y.isnan())
    finite = x.isfinite() & y.isfinite()
    count = int((same | finite).sum())
    couples = zip(*(side[finite & ~same].tolist() for side in (x, y)))
    return float(sum((abs(Fraction(p) - Fraction(q)) for p, q in couples), Fraction(0)) / count) if count else None


def of_torch(a, b):
    number = (a.double() - b.double()).abs().mean().item()
    return number if math.isfinite(number) else None


def measure(a, b):
    close = {name: torch.allclose(a, b, *(of(a.dtype) or (0, 0))) for name, of in TOLERANCES.items()}
    return {"shape": list(a.shape), "equal": torch.equal(a, b), "presets": close, "mean": mean(a, b), "torch_mean": of_torch(a, b)}


def pair(a, b):
    of_a, of_b = tensors(a), tensors(b)
    assert of_a.keys() == of_b.keys() and len(of_a) > 0, (a, b)
    return {"a": a, "b": b, "tensors": {path: measure(of_a[path], of_b[path]) for path in sorted(of_a)}}


def stored(path):
    """bfloat16 and float16 lie there as uint16."""
    array = np.load(path)
    if array.dtype != np.uint16:
        return torch.from_numpy(array)
    return torch.from_numpy(array.view(np.int16)).view(torch.bfloat16 if "bfloat16" in path else torch.float16)


def copy_versions(folder, out):
    for root, _, names in os.walk(folder):
        stems = {}
        for name in sorted(names):
            found = re.fullmatch(r"(.*)_\d+\.\d+\.\d+\.npy", name)
            if found:
                stems.setdefault(found[1], []).append(name)
        for stem, pair_of in stems.items():
            for side, name in zip("ab", pair_of):
                path = os.path.join(out, side, os.path.relpath(root, folder), stem + ".pt")
                os.makedirs(os.path.dirname(path), exist_ok=True)
                torch.save(stored(os.path.join(root, name)), path)


if len(sys.argv) == 4 and sys.argv[1] == "--versions":
    copy_versions(*sys.argv[2:])
    sides = [os.path.join(sys.argv[3], side) for side in "ab"]
elif len(sys.argv) > 1 and len(sys.argv) % 2 and not sys.argv[1].startswith("-"):
    sides = sys.argv[1:]
else:
    sys.exit(__doc__)
lines = [json.dumps(pair(a, b)).replace('"tensors": {"', '"tensors": {\n  "').replace('}, "/', '},\n  "/') for a, b in zip(sides[::2], sides[1::2])]
print('{"torch": "%s", "pairs": [\n%s\n]}' % (torch.__version__, ",\n".join(lines)))
