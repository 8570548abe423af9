#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares canon's PyTorch variants with the PyTorch that runs this, bit for bit (a NaN with any NaN): normalize and reductions of
random and special rows, along several axes, in four dtypes, with one thread and with more, under each capability of this CPU.
usage: torch_variants.py CANON [SEED]"""
import os
import re
import subprocess
import sys
import tempfile

import torch

DTYPES = (torch.float32, torch.float64, torch.bfloat16, torch.float16)
LENGTHS = tuple(range(1, 41)) + (63, 64, 65, 96, 100, 127, 128, 129, 255, 300, 513, 768, 1000, 4099)
SHAPES = ((2, 33, 40), (3, 500, 7), (500, 72), (300, 129), (2, 700, 45), (2, 2, 9000), (40000, 1), (1, 70001))  # the last ones for threads
VERSION = re.match(r'\d+\.\d+', torch.__version__)[0]
OLD = tuple(map(int, VERSION.split('.'))) < (2, 1)
# A distribution's own build, by its own compiler: Debian's adds the last four to seven of a float32 row otherwise.
WHEEL = '+c' in torch.__version__ or not os.path.realpath(torch.__file__).startswith('/usr/lib/')


def capability():
    used = re.search(r'CPU capability usage: (.*)', torch.__config__.show())[1].strip()
    return {'NO AVX': 'default', 'DEFAULT': 'default', 'AVX2': 'avx2', 'AVX512': 'avx512'}.get(used, used)


def rows(count, n, dtype, generator):
    """Normal, positive, of wide exponents, with squares that underflow; and special ones."""
    x = torch.randn(count, n, dtype=torch.float64, generator=generator)
    x[1::4] = x[1::4].abs()
    x[2::4] *= 2.0 ** torch.empty(x[2::4].shape, dtype=torch.float64).uniform_(-9, 9, generator=generator)
    x[3::8] *= 2.0 ** (-520 if dtype == torch.float64 else -7 if dtype == torch.float16 else -69)
    special = (0, -0.0, 1e-13, 1e-40, 1e25, 1e-320, 1e200)
    for i, value in enumerate(special):
        if 4 * i + 4 < count:
            x[4 * i + 4] = x[4 * i + 4] * value
    if count > 40:
        x[33, n // 2] = float('inf')
        x[34, -1] = float('nan')
        x[35, 0] = -float('inf')
    return x.to(dtype)


def same(got, want):
    size = {2: torch.int16, 4: torch.int32, 8: torch.int64}[want.element_size()]
    bits = got.contiguous().view(size) == want.contiguous().view(size)
    return bits | (torch.isnan(got) & torch.isnan(want))


class Comparison:
    def __init__(self, canon, variant, folder):
        self.canon, self.variant, self.folder = canon, variant, folder
        self.results = self.differ = 0

    def convert(self, options, tensors):
        source, target = (os.path.join(self.folder, name) for name in ('in.pt', 'out.pt'))
        torch.save(tensors, source)
        done = subprocess.run([self.canon, 'convert', '--force', *options, source, target], capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f'torch_variants: {self.variant} {" ".join(options)}: {done.stderr}')
        return torch.load(target)

    def check(self, options, tensors, compute, axis):
        got = self.convert(options, tensors)
        for name, x in tensors.items():
            want = compute(x)
            equal = same(got[name], want)
            if equal.dim() == x.dim():
                equal = equal.all(axis)
            off = int((~equal).sum())
            self.results += equal.numel()
            self.differ += off
            if off:
                print(f'  {self.variant} {" ".join(options)} {name}: {off} of {equal.numel()} differ')

    def axis(self, axis, tensors):
        here = ['--axis', str(axis)]
        normalized = {name: x for name, x in tensors.items() if not (OLD and x.dtype == torch.float16)}
        self.check(['--normalize', self.variant, *here], normalized,
                   lambda x: torch.nn.functional.normalize(x, dim=axis), axis)
        for what, compute in (('sum', torch.sum), ('mean', torch.mean), ('norm', torch.norm)):
            self.check(['--reduce', what, '--order', self.variant, *here], tensors, lambda x: compute(x, dim=axis), axis)


def fits(x, axis):
    return WHEEL or x.dtype != torch.float32 or x.shape[axis] % 8 < 4


def compare(canon, seed, threads):
    torch.set_num_threads(threads)
    generator = torch.Generator().manual_seed(seed)
    variant = f'torch-{VERSION}/{capability()}' + (f'/threads={threads}' if threads > 1 else '')
    with tempfile.TemporaryDirectory() as folder:
        comparison = Comparison(canon, variant, folder)
        for axis in (-1, 0, 1):
            tensors = {}
            for dtype in DTYPES:
                for n in LENGTHS if axis != 1 else ():
                    x = rows(48, n, dtype, generator)
                    tensors[f'{dtype} {n}'] = x if axis else x.t().contiguous()
                for shape in SHAPES:
                    x = rows(48, -(-torch.Size(shape).numel() // 48), dtype, generator)
                    tensors[f'{dtype} {shape}'] = x.flatten()[:torch.Size(shape).numel()].reshape(shape)
            comparison.axis(axis, {name: x for name, x in tensors.items() if fits(x, axis)})
    print(f'{variant}: {comparison.results} results compared, {comparison.differ} differ', flush=True)
    return comparison.differ > 0


def refused(canon):
    """The one that was never held against canon: torch 2.0 and older with AVX-512."""
    name = f'torch-{VERSION}/avx512'
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, 'in.pt')
        torch.save(torch.ones(3), source)
        done = subprocess.run([canon, 'convert', '--normalize', name, source, source + 'h'], capture_output=True, text=True)
    print(f'{name}: {"refused" if done.returncode == 2 else done}')
    return done.returncode != 2 or name not in done.stderr


def main():
    canon, seed = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    if os.environ.get('TORCH_VARIANTS_CAPABILITY'):
        if capability() == 'avx512' and OLD:
            return refused(canon)
        return sum([compare(canon, seed + threads, threads) for threads in (1, 2, 3)])
    print(f'torch {torch.__version__}; this CPU gives it {capability()}')
    status = 0
    for wanted in ('default', 'avx2', 'avx512'):
        environment = dict(os.environ, ATEN_CPU_CAPABILITY=wanted, TORCH_VARIANTS_CAPABILITY=wanted)
        status |= subprocess.run([sys.executable, *sys.argv], env=environment).returncode
    return status


if __name__ == '__main__':
    sys.exit(bool(main()))
