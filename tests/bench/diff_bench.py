#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""canon diff against cmp and against the Python script a user would write, as ratios within one run.
usage: diff_bench.py CANON [--mib N] [--runs N] [--folder DIR]
Two .npy of N MiB (default 2048) in DIR (default /dev/shm if it has room), equal but for no, for one in a thousand, one in
ten, or for all elements. Three files are there at a time: with the default 6 GiB, beside what the script takes for itself.
Commands about one pair take turns with cmp on equal files, which is the measure: it reads both to the end. Figures are medians."""
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


def rows_of(mib):
    return mib * 2**20 // 4 // 1024


def write(folder, name, mib, change):
    """name.npy of normal numbers, the same for every name, but for what change(random, x) makes of them; piece by piece."""
    rows = rows_of(mib)
    file = np.lib.format.open_memmap(f"{folder}/{name}.npy", "w+", "f4", (rows, 1024))
    numbers, chances = np.random.default_rng(7), np.random.default_rng(8)
    for first in range(0, rows, 4096):
        x = numbers.standard_normal((min(4096, rows - first), 1024), dtype="f4")
        file[first : first + len(x)] = change(chances, x)
    file.flush()


def one_in(n):
    def change(random, x):
        return np.where(random.random(x.shape, dtype="f4") < 1 / n, np.nextafter(x, np.float32(9)), x)

    return change


def take_turns(commands, runs):
    """Of each command its runs, as (seconds, MiB)."""
    taken = {name: [] for name in commands}
    for turn in range(runs):
        for name, command in commands.items():
            if not name.startswith("python") or turn < 3:
                taken[name].append(timed(command))
    return taken


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
    folder = a.folder or (shm if shutil.disk_usage(shm).free > 3.2 * a.mib * 2**20 else None)
    presets = ["--preset", "torch", "--preset", "bitsandbytes"]
    others = {
        "equal": (lambda random, x: x, {"": [], " --stats": ["--stats"], " --stats --threads 1": ["--stats", "--threads", "1"]}),
        "1 in 1000": (one_in(1000), {" --stats": ["--stats"]}),
        "1 in 10": (one_in(10), {" --stats": ["--stats"]}),
        "all": (
            lambda random, x: x * np.float32(1.0000005),
            {"": [], " --stats": ["--stats"], " --stats --threads 1": ["--stats", "--threads", "1"], ", two presets": presets},
        ),
    }
    measured = []
    with tempfile.TemporaryDirectory(dir=folder) as d:
        one, same, other = (f"{d}/{name}.npy" for name in ("one", "same", "other"))
        write(d, "one", a.mib, lambda random, x: x)
        write(d, "same", a.mib, lambda random, x: x)
        for differ, (change, variants) in others.items():
            write(d, "other", a.mib, change)
            commands = {"cmp": ["cmp", one, same]}
            for name, options in variants.items():
                commands[f"diff{name}"] = [canon, "diff", *options, one, other]
            if differ == "1 in 10":
                outputs = {subprocess.run([canon, "diff", "--json", "--stats", *presets, "--threads", n, one, other], stdout=subprocess.PIPE).stdout for n in "123"}
                if len(outputs) != 1:
                    sys.exit("bench: threads change the result; nothing more is timed")
            if differ == "all":
                commands["python"] = ["/usr/bin/python3", "-c", SCRIPT, one, other]
            runs = take_turns(commands, a.runs)
            seconds = {name: statistics.median(s for s, _ in r) for name, r in runs.items()}
            for name, r in runs.items():
                measured.append((differ, name, seconds[name], seconds[name] / seconds["cmp"], max(m for _, m in r)))
            os.unlink(other)
    python = measured[-1][3]
    print(f"two files of {a.mib} MiB float32 in {os.path.dirname(d)}; medians of {a.runs} turns")
    print(f"{'differ':10} {'command':26} {'seconds':>8} {'x cmp':>6} {'python x':>9} {'MiB anonymous':>14}")
    for differ, name, seconds, ratio, memory in measured:
        print(f"{differ:10} {name:26} {seconds:8.2f} {ratio:6.2f} {python / ratio:9.1f} {memory:14.0f}")


main()
