#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whole-command figures, as ratios within one run. usage: bench.py CANON [--mib N] [--runs N] [--json FILE] [--folder DIR]
A .pt of N MiB (default 2048) in DIR (default /dev/shm if it has room); commands take turns, each figure is a median.
canon's answer for it is computed with one and with all threads and must be the same bytes before anything is timed."""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))


def timed(args):
    """Wall seconds and peak anonymous memory (MiB) of one run."""
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
    if process.returncode:
        sys.exit(f"bench: {' '.join(args)} exited with {process.returncode}")
    return seconds, anonymous / 1024


def main():
    p = argparse.ArgumentParser()
    p.add_argument("canon")
    p.add_argument("--mib", type=int, default=2048)
    p.add_argument("--runs", type=int, default=9)
    p.add_argument("--json")
    p.add_argument("--folder")
    a = p.parse_args()
    canon = os.path.abspath(a.canon)
    shm = "/dev/shm"
    folder = a.folder or (shm if shutil.disk_usage(shm).free > 3.5 * a.mib * 2**20 else None)
    with tempfile.TemporaryDirectory(dir=folder) as d:
        source, out, copy = d + "/in.pt", d + "/out.npy", d + "/copy"
        python = "/usr/bin/python3"
        subprocess.run([python, HERE + "/make_input.py", str(a.mib * 2**20 // (96 * 4)), "96", source], check=True)
        commands = {
            "cp": ["cp", source, copy],
            "convert": [canon, "convert", "--force", "--threads", "1", source, out],
            "normalize ref": [canon, "convert", "--normalize", "ref", "--force", "--threads", "1", source, out],
            "normalize ref, all threads": [canon, "convert", "--normalize", "ref", "--force", source, out],
            "normalize ref, half": [canon, "convert", "--normalize", "ref", "--half", "--force", "--threads", "1", source, out],
            "digest": [canon, "info", "--digest", source],
            "python": [python, HERE + "/user_script.py", source, out],
        }
        digests = set()
        for name in ("normalize ref", "normalize ref, all threads"):
            subprocess.run(commands[name], check=True)
            digests.add(subprocess.run(["sha256sum", out], capture_output=True, check=True).stdout.split()[0])
        if len(digests) != 1:
            sys.exit("bench: threads change the bytes; nothing is timed")
        runs = {name: [] for name in commands}
        for _ in range(a.runs):
            for name, command in commands.items():
                if name == "python" and len(runs[name]) >= 3:
                    continue
                runs[name].append(timed(command))
                for f in (out, copy):
                    if os.path.exists(f):
                        os.remove(f)
        start = [timed([canon, "info", source])[0] for _ in range(a.runs)]
    median = {name: statistics.median(s for s, _ in r) for name, r in runs.items()}
    memory = {name: max(m for _, m in r) for name, r in runs.items()}
    print(f"{a.mib} MiB float32, rows of 96, files in {os.path.dirname(d)}; medians of {a.runs} turns")
    print(f"{'command':28} {'seconds':>8} {'x cp':>6} {'python x':>9} {'MiB anonymous':>14}")
    for name in commands:
        print(f"{name:28} {median[name]:8.2f} {median[name] / median['cp']:6.2f} {median['python'] / median[name]:9.1f} {memory[name]:14.0f}")
    print(f"info of it: {statistics.median(start) * 1000:.1f} ms")
    if a.json:
        with open(a.json, "w") as file:
            json.dump({"schema": "canon.bench/1", "mib": a.mib, "runs": a.runs, "seconds": median, "anonymous_mib": memory,
                       "info_seconds": statistics.median(start)}, file, indent=1)
            file.write("\n")


main()
