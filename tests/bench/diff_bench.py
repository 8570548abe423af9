#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""canon diff against cmp and against the Python script a user would write, as ratios within one run.
usage: diff_bench.py CANON [--mib N] [--runs N] [--folder DIR]
Two .npy of N MiB (default 2048) in DIR (default /dev/shm if it has room), equal but for no, for one in a thousand, one in
ten, or for all elements; commands take turns, each figure is a median. cmp on equal files is the measure: it reads both to the end."""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

SCRIPT = """
import sys, numpy as np, torch
a, b = (torch.from_numpy(np.load(f)) for f in sys.argv[1:])
print(torch.equal(a, b), torch.allclose(a, b), torch.allclose(a, b, rtol=1e-5, atol=1e-6), (a - b).abs().mean(), (a - b).abs().max(), (a != b).sum())
"""


def timed(args):
    """Wall seconds and peak anonymous memory (MiB) of one run; differing files are no failure."""
    start = time.perf_counter()
    process = subprocess.Popen(args, stdout=subprocess.DEVNULL)
    anonymous = 0
    while process.poll() is None:
        try:
            with open(f"/proc/{process.pid}/status") as status:
                for line in status:
                    if line.startswith("RssAnon:"):
                        anonymous = max(anonymous, int(line.split()[1]))
        except (OSError, ProcessLookupError):
            pass
        time.sleep(0.002)
    seconds = time.perf_counter() - start
    if process.returncode not in (0, 1):
        sys.exit(f"bench: {' '.join(args)} exited with {process.returncode}")
    return seconds, anonymous / 1024


def make(folder, mib):
    """a.npy, same.npy, few.npy, tenth.npy, all.npy, written a piece at a time."""
    rows = mib * 2**20 // 4 // 1024
    files = {name: np.lib.format.open_memmap(f"{folder}/{name}.npy", "w+", "f4", (rows, 1024)) for name in ("a", "same", "few", "tenth", "all")}
    rng = np.random.default_rng(7)
    for first in range(0, rows, 4096):
        x = rng.standard_normal((min(4096, rows - first), 1024), dtype="f4")
        part = slice(first, first + len(x))
        files["a"][part] = files["same"][part] = x
        chance, up = rng.random(x.shape, dtype="f4"), np.nextafter(x, np.float32(9))
        files["few"][part] = np.where(chance < 1e-3, up, x)
        files["tenth"][part] = np.where(chance < 0.1, up, x)
        files["all"][part] = x * np.float32(1.0000005)
    for file in files.values():
        file.flush()


def main():
    p = argparse.ArgumentParser()
    p.add_argument("canon")
    p.add_argument("--mib", type=int, default=2048)
    p.add_argument("--runs", type=int, default=5)
    p.add_argument("--folder")
    p.add_argument("--json", help="of bench.py, not used here")
    a = p.parse_args()
    canon = os.path.abspath(a.canon)
    shm = "/dev/shm"
    folder = a.folder or (shm if shutil.disk_usage(shm).free > 5.5 * a.mib * 2**20 else None)
    with tempfile.TemporaryDirectory(dir=folder) as d:
        make(d, a.mib)
        one, same, few, tenth, every = (f"{d}/{name}.npy" for name in ("a", "same", "few", "tenth", "all"))
        presets = ["--preset", "torch", "--preset", "bitsandbytes"]
        commands = {
            "cmp, equal": ["cmp", one, same],
            "diff, equal": [canon, "diff", one, same],
            "diff --stats, equal": [canon, "diff", "--stats", one, same],
            "diff --stats, equal, one thread": [canon, "diff", "--stats", "--threads", "1", one, same],
            "diff --stats, 1 in 1000 differs": [canon, "diff", "--stats", one, few],
            "diff --stats, 1 in 10 differs": [canon, "diff", "--stats", one, tenth],
            "diff, all differ": [canon, "diff", one, every],
            "diff, all differ, two presets": [canon, "diff", *presets, one, every],
            "diff --stats, all differ": [canon, "diff", "--stats", one, every],
            "diff --stats, all, one thread": [canon, "diff", "--stats", "--threads", "1", one, every],
            "python, all differ": ["/usr/bin/python3", "-c", SCRIPT, one, every],
        }
        outputs = {subprocess.run([canon, "diff", "--json", "--stats", *presets, "--threads", n, one, tenth], stdout=subprocess.PIPE).stdout for n in "123"}
        if len(outputs) != 1:
            sys.exit("bench: threads change the result; nothing is timed")
        runs = {name: [] for name in commands}
        for turn in range(a.runs):
            for name, command in commands.items():
                if not name.startswith("python") or turn < 3:
                    runs[name].append(timed(command))
    median = {name: statistics.median(s for s, _ in r) for name, r in runs.items()}
    print(f"two files of {a.mib} MiB float32 in {os.path.dirname(d)}; medians of {a.runs} turns")
    print(f"{'command':33} {'seconds':>8} {'x cmp':>6} {'python x':>9} {'MiB anonymous':>14}")
    for name, seconds in median.items():
        memory = max(m for _, m in runs[name])
        print(f"{name:33} {seconds:8.2f} {seconds / median['cmp, equal']:6.2f} {median['python, all differ'] / seconds:9.1f} {memory:14.0f}")


main()
