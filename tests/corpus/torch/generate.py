#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What one torch makes of x-DTYPE.npy: writes VERSION-CAPABILITY-DTYPE.npy beside it, for four dtypes; README.md has the layout.
usage: ATEN_CPU_CAPABILITY=default|avx2 python3 generate.py NAME        (NAME: 2.8.0-avx2)"""
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F

LENGTHS = (1, 3, 7, 8, 9, 12, 15, 16, 17, 31, 33, 64, 96, 100, 129, 300, 768)
NORMALIZED = (1, 9, 17)
ROWS = 6
FOLDER = os.path.dirname(os.path.abspath(__file__))


def tensor(array, dtype):
    if '16' not in dtype:
        return torch.from_numpy(array)
    return torch.from_numpy(array.view(np.int16)).view(getattr(torch, dtype))


def codes(result, dtype):
    result = result.contiguous()
    result = result.view(torch.int16).numpy().view(np.uint16) if '16' in dtype else result.numpy()
    return result.reshape(-1)


def made_up(n, dtype):
    """Element i of n: the top bits of i * 2654435761 mod 2^32, as a fraction from -0.5 on; any dtype holds it."""
    top = (np.arange(n, dtype=np.uint64) * 2654435761 % 2**32 >> (24 if '16' in dtype else 16)).astype(np.float64)
    values = top / 256 - 0.5 if '16' in dtype else top / 65536 - 0.5
    return torch.from_numpy(values).to(getattr(torch, dtype))


def reductions(x, dim):
    return [x.norm(dim=dim), x.sum(dim), x.mean(dim)]


def normalized(x, dim):
    try:
        return [F.normalize(x, dim=dim)]
    except RuntimeError as error:
        assert 'not implemented' in str(error)
        return []


def results(dtype):
    flat = np.load(os.path.join(FOLDER, f'x-{dtype}.npy'))
    for n in LENGTHS:
        rows, flat = flat[:ROWS * n].reshape(ROWS, n), flat[ROWS * n:]
        along, across = tensor(rows, dtype), tensor(np.ascontiguousarray(rows.T), dtype)
        yield from reductions(along, 1) + reductions(across, 0)
        if n in NORMALIZED:
            yield from normalized(along, 1) + normalized(across, 0)
    for threads in (1, 2, 3):
        torch.set_num_threads(threads)
        yield from reductions(made_up(100003, dtype), 0)
        yield from reductions(made_up(500 * 72, dtype).reshape(500, 72), 0)


for dtype in ('float32', 'float64', 'bfloat16', 'float16'):
    torch.set_num_threads(1)
    array = np.concatenate([codes(result, dtype) for result in results(dtype)])
    np.save(os.path.join(FOLDER, f'{sys.argv[1]}-{dtype}.npy'), array)
