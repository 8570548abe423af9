#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The table of elements that differ between real ColBERT indexes, made again by `canon diff --json`: equal in every cell.
usage: tests/tables/colbert.py CANON FOLDER     FOLDER/README.md has the table, as tests/tables/indexes.py writes both
A cell is "0", "5", or "5 of 98304": then the number of elements is held as well."""
import json
import os
import re
import subprocess
import sys

CANON, FOLDER = sys.argv[1:]
TENSORS = {
    "codes": ["/chunks/0/codes"], "residuals": ["/chunks/0/residuals"], "centroids": ["/centroids"],
    "cutoffs": ["/bucket_cutoffs"], "weights": ["/bucket_weights"], "avg_residual": ["/avg_residual"],
    "ivf, lengths": ["/ivf/pids", "/ivf/lengths"],
}
EMBEDDINGS = "embs_0 half"


def canon(*arguments):
    done = subprocess.run([CANON, *arguments], capture_output=True, text=True, timeout=120)
    if done.returncode > 1:
        sys.exit(done.stderr)
    return json.loads(done.stdout)


def rows_of(a, b):
    """By path; the shapes have to be equal."""
    rows = {row["path"]: row for row in canon("diff", "--json", a, b)["tensors"]}
    assert all(row["status"] in ("same", "differs") for row in rows.values()), (a, b)
    return rows


def folder_of(name):
    return os.path.join(FOLDER, name if name.startswith("swap") else "torch-" + name)


def count(rows, paths, cell):
    """A cell with what canon says, in the words that it has."""
    differing, elements = (sum(rows[path][key] for path in paths) for key in ("differing", "elements"))
    return re.sub(r"^\d+( of \d+)?", lambda found: f"{differing} of {elements}" if found[1] else str(differing), cell)


def embeddings_digest(folder):
    kept = os.path.join(folder, "intermediates", "embs_0.pt")
    if os.path.exists(kept):
        return canon("info", "--json", "--digest", kept)["tensors"][0]["sha256"]
    with open(os.path.join(folder, "intermediates", "recipe.json")) as file:
        return json.load(file)["embs_half_sha256"]


def embeddings(a, b, cell):
    """Where one side was not kept only its digest can be held: the cell, if that says so, else None."""
    files = [os.path.join(folder, "intermediates", "embs_0.pt") for folder in (a, b)]
    if cell == "(injected)":
        return cell
    if all(map(os.path.exists, files)):
        return count(rows_of(*files), [""], cell)
    is_same = embeddings_digest(a) == embeddings_digest(b)
    return "0" if is_same else cell if cell != "0" else None


def table():
    """(names of a pair, {column: cell}) for each row."""
    with open(os.path.join(FOLDER, "README.md")) as file:
        lines = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in file if line.startswith("|")]
    columns = next(line for line in lines if line[0] == "pair")
    return [(line[0].split(" / "), dict(zip(columns[1:], line[1:]))) for line in lines if " / " in line[0]]


passed, failed = 0, 0
for pair, cells in table():
    a, b = map(folder_of, pair)
    rows = rows_of(a, b)
    for column, cell in cells.items():
        found = embeddings(a, b, cell) if column == EMBEDDINGS else count(rows, TENSORS[column], cell)
        passed, failed = passed + (found == cell), failed + (found != cell)
        if found != cell:
            print(f"{' / '.join(pair)}, {column}: {found}, not {cell}")
print(f"{passed} cells equal, {failed} not")
sys.exit(failed != 0 or not passed)
