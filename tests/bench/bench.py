#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whole-command figures, as ratios within one run. usage: bench.py CANON [--mib N] [--runs N] [--json FILE] [--folder DIR]
A .pt of N MiB (default 2048) in DIR (default /dev/shm if it has room); commands take turns, each figure is a median.
canon's answer for it is computed with one and with all threads and must be the same bytes before anything is timed.
Seconds are what a clock on the wall sees; CPU is user and system time of all threads, which a busy machine disturbs less."""
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
PYTHON = "/usr/bin/python3"
ONE, ALL = "normalize ref", "normalize ref, all threads"


def run(args):
    """Wall and CPU seconds of one run."""
    start = time.perf_counter()
    process = subprocess.Popen(args, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"bench: {' '.join(args)} exited with {process.returncode}")
    return seconds, usage.ru_utime + usage.ru_stime


def anonymous_mib(args):
    """Peak anonymous memory of one run, which is not timed: looking disturbs."""
    process = subprocess.Popen(args, stdout=subprocess.DEVNULL)
    peak = 0
    while process.poll() is None:
        try:
            with open(f"/proc/{process.pid}/status") as status:
                peak = max([peak] + [int(line.split()[1]) for line in status if line.startswith("RssAnon:")])
        except (OSError, ProcessLookupError):
            pass
        time.sleep(0.001)
    return peak / 1024


def commands_of(canon, source, out):
    convert = [canon, "convert", "--force"]
    return {
        "cp": ["cp", source, out],
        "convert": convert + ["--threads", "1", source, out],
        ONE: convert + ["--normalize", "ref", "--threads", "1", source, out],
        ALL: convert + ["--normalize", "ref", source, out],
        "normalize ref, half": convert + ["--normalize", "ref", "--half", "--threads", "1", source, out],
        "normalize ref, to .pt": convert + ["--normalize", "ref", "--threads", "1", "--to", "pt", source, out],
        "digest": [canon, "info", "--digest", source],
        "python": [PYTHON, HERE + "/user_script.py", source, out],
        "python, its imports": [PYTHON, "-c", "import numpy, torch"],
        "info": [canon, "info", source],
    }


def check_threads(commands, out):
    digests = set()
    for name in (ONE, ALL):
        subprocess.run(commands[name], check=True)
        digests.add(subprocess.run(["sha256sum", out], capture_output=True, check=True).stdout.split()[0])
    if len(digests) != 1:
        sys.exit("bench: threads change the bytes; nothing is timed")


def take_turns(commands, runs, out):
    """name -> (median seconds, median CPU seconds, peak MiB)"""
    def once(measure, command):
        value = measure(command)
        if os.path.exists(out):
            os.remove(out)
        return value

    memory = {name: once(anonymous_mib, command) for name, command in commands.items()}
    times = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            times[name].append(once(run, command))
    return {name: tuple(map(statistics.median, zip(*t))) + (memory[name],) for name, t in times.items()}


def print_table(result):
    print(f"{'command':27} {'seconds':>8} {'x cp':>6} {'CPU s':>7} {'x cp':>6} {'MiB anonymous':>14}")
    for name, (seconds, cpu, memory) in result.items():
        print(f"{name:27} {seconds:8.3f} {seconds / result['cp'][0]:6.2f} {cpu:7.3f} {cpu / result['cp'][1]:6.2f} {memory:14.1f}")


def compare(result):
    """What is wanted of normalize ref: (text, figure, wanted, whether more is better)."""
    cp, python, imports = result["cp"][0], result["python"], result["python, its imports"][0]
    for name in (ONE, ALL):
        seconds, _, memory = result[name]
        yield f"{name}: times cp", seconds / cp, 1.2, False
        yield f"{name}: python takes times as long", python[0] / seconds, 8, True
        yield f"{name}: python without its imports", (python[0] - imports) / seconds, 3, True
        yield f"{name}: of python's memory", memory / python[2], 0.05, False


def main():
    p = argparse.ArgumentParser()
    p.add_argument("canon")
    p.add_argument("--mib", type=int, default=2048)
    p.add_argument("--runs", type=int, default=9)
    p.add_argument("--json")
    p.add_argument("--folder")
    a = p.parse_args()
    shm = "/dev/shm"
    folder = a.folder or (shm if shutil.disk_usage(shm).free > 2.5 * a.mib * 2**20 else None)
    with tempfile.TemporaryDirectory(dir=folder) as d:
        source, out = d + "/in.pt", d + "/out.npy"
        subprocess.run([PYTHON, HERE + "/make_input.py", str(a.mib * 2**20 // (96 * 4)), "96", source], check=True)
        commands = commands_of(os.path.abspath(a.canon), source, out)
        check_threads(commands, out)
        result = take_turns(commands, a.runs, out)
    print(f"{a.mib} MiB float32, rows of 96, files in {os.path.dirname(d)}; medians of {a.runs} turns; {os.cpu_count()} CPUs")
    print_table(result)
    wanted = list(compare(result))
    for text, figure, limit, more in wanted:
        verdict = "as wanted" if (figure >= limit if more else figure <= limit) else "missed"
        print(f"{text:58} {figure:7.3f}   {'at least' if more else 'at most'} {limit}: {verdict}")
    if a.json:
        with open(a.json, "w") as file:
            rows = {name: dict(zip(("seconds", "cpu_seconds", "anonymous_mib"), row)) for name, row in result.items()}
            json.dump({"schema": "canon.bench/2", "mib": a.mib, "runs": a.runs, "commands": rows,
                       "wanted": [{"what": t, "figure": f, "limit": l, "more_is_better": m} for t, f, l, m in wanted]}, file, indent=1)
            file.write("\n")


main()
