#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""canon diff against what torch said of the same folders: shapes, torch.equal, torch.allclose with three sets of tolerances,
and the mean absolute difference, equal in every number. Needs no torch.
usage: check.py CANON MEASURED.json     what measure.py printed, in the folder that its names are of"""
import json
import subprocess
import sys

CANON, MEASURED = sys.argv[1:]
OPTIONS = ["--equal", "values", "--preset", "torch", "--preset", "bitsandbytes", "--preset", "assert_close"]


def seven_digits(number):
    return None if number is None else f"{number:.7g}"


def facts_of_canon(row):
    mean = None if row["mean_abs_diff"] is None else float(row["mean_abs_diff"])
    return {"shape": row["shape"], "equal": row["status"] == "same", "presets": row["presets"], "mean": mean, "digits": seven_digits(mean)}


def facts_of_torch(row):
    digits = seven_digits(row["mean"] if row["torch_mean"] is None else row["torch_mean"])
    return {"shape": row["shape"], "equal": row["equal"], "presets": row["presets"], "mean": row["mean"], "digits": digits}


def compare(a, b, wanted):
    done = subprocess.run([CANON, "diff", "--json", *OPTIONS, a, b], capture_output=True, text=True, timeout=300)
    if done.returncode > 1:
        sys.exit(done.stderr)
    found = {row["path"]: facts_of_canon(row) for row in json.loads(done.stdout)["tensors"]}
    wrong = [path for path in found.keys() | wanted.keys() if found.get(path) != facts_of_torch(wanted[path])]
    for path in sorted(wrong):
        print(f"{a}, {b}: {path}: {found.get(path)}, torch: {facts_of_torch(wanted[path])}")
    return len(found), len(wrong)


with open(MEASURED) as file:
    measured = json.load(file)
counts = [compare(pair["a"], pair["b"], pair["tensors"]) for pair in measured["pairs"]]
tensors, wrong = map(sum, zip(*counts))
print(f"tables: torch {measured['torch']}, {len(counts)} pairs: {tensors - wrong} tensors equal, {wrong} not")
sys.exit(wrong != 0 or not tensors)
