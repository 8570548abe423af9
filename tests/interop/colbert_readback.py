#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Indexes that canon wrote, read and searched by the real ColBERT on the CPU, memory-mapped too.
usage: colbert_readback.py CANON INDEX...     runs under any Python that has colbert-ai and torch; prints N passed, N failed
Each index is converted, also with --drop-run and --coalesce, and to an archive of NumPy and back. ColBERT's own loader
must then hold the same tensors as from the original, and rank the same passages with the same scores. Queries are made of
embeddings of the index itself."""
import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile

os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
import torch
from colbert.infra.config import ColBERTConfig
from colbert.modeling.colbert import ColBERT
from colbert.search.index_storage import IndexScorer

CANON, INDEXES = sys.argv[1], sys.argv[2:]
QUERIES = 20
passed = failed = 0


def check(what, good, detail=""):
    global passed, failed
    passed += bool(good)
    failed += not good
    if not good:
        print(f"FAILED {what} {detail}")


def canon(*args):
    p = subprocess.run([CANON, *args], capture_output=True)
    if p.returncode:
        raise RuntimeError(f"canon {' '.join(args)}: exit {p.returncode}: {p.stderr.decode().strip()}")
    return p.stdout.decode()


def load(path, mmap=False):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return IndexScorer(path, use_gpu=False, load_index_with_mmap=mmap)


def held(scorer):
    """What ColBERT holds of an index. Behind the embeddings it keeps rows that it has not filled."""
    n, codec, ivf = scorer.num_embeddings, scorer.codec, scorer.ivf
    pids = ivf.tensor[:int(ivf.lengths.sum())]
    return {"centroids": codec.centroids, "bucket_cutoffs": codec.bucket_cutoffs, "bucket_weights": codec.bucket_weights,
            "avg_residual": torch.as_tensor(codec.avg_residual), "pids": pids, "lengths": ivf.lengths, "doclens": scorer.doclens,
            "codes": scorer.embeddings.codes[:n], "residuals": scorer.embeddings.residuals[:n]}


def differing(a, b):
    return [k for k in a if a[k].dtype != b[k].dtype or a[k].shape != b[k].shape or not torch.equal(a[k], b[k])]


def queries(scorer):
    """A query: 32 embeddings near those of some passages."""
    generator = torch.Generator().manual_seed(7)
    whole = scorer.codec.centroids[scorer.embeddings.codes[:scorer.num_embeddings].long()]
    for _ in range(QUERIES):
        rows = torch.randint(0, len(whole), (32,), generator=generator)
        noisy = whole[rows] + 0.05 * torch.randn(32, whole.shape[1], generator=generator)
        yield torch.nn.functional.normalize(noisy, dim=-1)[None]


def ranked(scorer, asked):
    config = ColBERTConfig(ncells=2, ndocs=256, centroid_score_threshold=0.45)
    return [scorer.rank(config, q) for q in asked]


def readback(index, folder):
    name = os.path.basename(os.path.normpath(index))
    original = load(index)
    want, asked = held(original), list(queries(original))
    results = ranked(original, asked)
    check(f"{name}: the queries find something", sum(len(pids) for pids, _ in results) > 0)
    made = {"converted": [], "without its run": ["--drop-run"], "as one chunk": ["--coalesce"]}
    for what, options in made.items():
        out = os.path.join(folder, f"{name} {what}")
        canon("convert", *options, index, out + "/")
        scorer = load(out)
        check(f"{name}, {what}: the same tensors", not differing(want, held(scorer)), differing(want, held(scorer)))
        check(f"{name}, {what}: the same ranking", ranked(scorer, asked) == results)
        told = json.loads(canon("info", "--json", out))["format_details"]
        if told["chunks"] > 1:
            continue
        check(f"{name}, {what}: canon says that it can be mapped", told["memory_mapped"] == "as it is", told)
        mapped = load(out, mmap=True)
        check(f"{name}, {what}: the same tensors, mapped", not differing(want, held(mapped)), differing(want, held(mapped)))
        check(f"{name}, {what}: the same ranking, mapped", ranked(mapped, asked) == results)
    archive, back = os.path.join(folder, f"{name}.npz"), os.path.join(folder, f"{name} from the archive")
    canon("convert", index, "--flatten", archive)
    canon("convert", "--to", "colbert", archive, back)
    same = subprocess.run(["diff", "-r", os.path.join(folder, f"{name} converted"), back], capture_output=True)
    check(f"{name}: the same files by way of an archive", same.returncode == 0, same.stdout.decode()[:200])
    with np.load(archive) as arrays:
        chunks = json.loads(arrays["metadata.json"])["num_chunks"]
        codes = np.concatenate([arrays[f"chunks/{i}/codes"] for i in range(chunks)])
    check(f"{name}: NumPy finds the codes in the archive", np.array_equal(codes, want["codes"].numpy()))
    with_run = ColBERTConfig.load_from_index(os.path.join(folder, f"{name} converted"))
    without = ColBERTConfig.load_from_index(os.path.join(folder, f"{name} without its run"))
    check(f"{name}: ColBERT reads config", (with_run.dim, with_run.nbits) == (original.codec.dim, original.codec.nbits))
    check(f"{name}: ColBERT reads config without the run", (without.dim, without.checkpoint) == (with_run.dim, with_run.checkpoint))
    told = json.loads(canon("info", "--json", index))["format_details"]
    if told["chunks"] == 1:  # canon's word on the original, against ColBERT's deed
        misread = "codes" in differing(want, held(load(index, mmap=True)))
        check(f"{name}: canon knows whether the original can be mapped", misread == told["memory_mapped"].startswith("misread"), told)


def main():
    print(f"torch {torch.__version__}", flush=True)
    ColBERT.try_load_torch_extensions(False)  # a checkpoint would do that, and there is none here
    for index in INDEXES:
        with tempfile.TemporaryDirectory() as folder:
            readback(index, folder)
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


main()
