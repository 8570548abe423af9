#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds canon against a folder of real files with a manifest.json (README.md says what is in it).
usage: manifest.py CANON FOLDER [-v] [SUBSTRING of a file name ...]
For each file: `canon info --json --digest` must list exactly its tensors, with path, dtype, shape and SHA-256, or exit with 3;
`canon convert` must give a .pt with the same digests, or exit with 3 and leave no output."""
import collections
import json
import os
import subprocess
import sys
import tempfile

ALTERNATIVES = ("fields", "i64", "opaque")  # of a refusal: readable in part


def pointer(keys):
    """RFC 6901; None where a key is no string or integer, whose spelling is canon's own."""
    if any(isinstance(k, (dict, bool, float)) or k is None for k in keys):
        return None
    return "".join("/" + str(k).replace("~", "~0").replace("/", "~1") for k in keys)


def same(a, b):
    return all(a[k] == b[k] for k in ("dtype", "shape", "sha256"))


def values(info):
    return sorted((t["dtype"], t["shape"], t["sha256"]) for t in info["tensors"])


def run(*args):
    return subprocess.run(args, capture_output=True, timeout=120)


def difference(entry, info):
    """What info says otherwise than the manifest, or None."""
    got = collections.defaultdict(list)  # keys of two kinds may share a path: 0 and '0'
    for t in info["tensors"]:
        got[t["path"]].append(t)
    for want in entry.get("tensors", []):
        path = pointer(want["keys"])
        if path is None:
            if not any(same(t, want) for t in info["tensors"]):
                return f"no tensor for {want['keys']}"
        elif path not in got:
            return f"lacks {path!r}"
        elif not any(same(t, want) for t in got[path]):
            return f"{path}: {[(t['dtype'], t['shape'], t['sha256'][:16]) for t in got[path]]}, not {want['dtype']} {want['shape']}"
    known = [pointer(x["keys"]) for x in entry.get("tensors", []) + entry.get("values", [])]
    extra = set(got) - set(known)
    return f"invents {sorted(extra)[:3]}" if extra and None not in known else None


def check(canon, path, entry, folder):
    """What is wrong with canon's answers, or None."""
    alt = entry.get("alt") or []
    alt = [alt] if isinstance(alt, str) else alt
    may_refuse = entry["expect"] == "refuse" or "refuse" in alt
    may_read = entry["expect"] == "ok" or "ok" in alt or any(a in ALTERNATIVES or a.startswith("ok-") for a in alt)
    told = run(canon, "info", "--json", "--digest", path)
    out = os.path.join(folder, "out.pt")
    made = run(canon, "convert", "--tensors-only", "--to", "pt", path, out)
    exists = os.path.exists(out)
    if exists:
        converted = run(canon, "info", "--json", "--digest", out)
        os.remove(out)
    for p in (told, made):
        if p.returncode not in (0, 2, 3):
            return f"exit {p.returncode}: {p.stderr.decode(errors='replace')[:200]}"
        if p.returncode and not p.stderr.strip():
            return "refused without a word"
    if made.returncode and exists:
        return "a failed conversion left an output"
    if told.returncode:
        if told.returncode != 3 or told.stdout.strip():
            return f"exit {told.returncode} and {len(told.stdout)} bytes of output for a refusal"
        return None if may_refuse else "refused: " + told.stderr.decode(errors="replace").strip()
    if not may_read:
        return "read, though " + entry.get("why", "it must be refused")
    info = json.loads(told.stdout)
    if entry["expect"] == "ok" and not entry.get("special"):
        wrong = difference(entry, info)
        if wrong:
            return wrong
    if made.returncode == 0:
        if converted.returncode:
            return "its own output is refused: " + converted.stderr.decode(errors="replace").strip()
        if values(json.loads(converted.stdout)) != values(info):  # paths may differ: lists close up around what is no tensor
            return "its output has other values"
    elif entry["expect"] == "ok" and info["tensors"] and not may_refuse and all(pointer(t["keys"]) is not None for t in entry["tensors"]):
        return "not converted: " + made.stderr.decode(errors="replace").strip()
    return None


def main():
    args = [a for a in sys.argv[1:] if a != "-v"]
    canon, root, only = os.path.abspath(args[0]), args[1], args[2:]
    counts, failures = collections.Counter(), []
    with open(os.path.join(root, "manifest.json"), encoding="utf-8") as file:
        entries = json.load(file)["files"]
    with tempfile.TemporaryDirectory() as folder:
        for entry in entries:
            if only and not any(o in entry["file"] for o in only):
                continue
            group = entry["file"].split("/")[0] + " " + entry["expect"]
            wrong = check(canon, os.path.join(root, entry["file"]), entry, folder)
            counts[group, wrong is None] += 1
            if wrong:
                failures.append((entry["file"], wrong))
    for name, wrong in failures:
        print(f"FAILED {name}: {wrong}")
    if "-v" in sys.argv:
        for group, good in sorted(counts):
            print(f"{group:20} {'as expected' if good else 'otherwise':12} {counts[group, good]}")
    print(f"{sum(counts.values()) - len(failures)} passed, {len(failures)} failed")
    sys.exit(bool(failures))


main()
