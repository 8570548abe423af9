#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes small/ and gpu/: the files of an index as ColBERT 0.2.22 writes them, with Debian's torch and a few numbers.
gpu/ has the dtypes of one that was built on a GPU, and says cuda:0 where its tensors were. torch-2.8.0/ is a real one,
made by unmodified ColBERT 0.2.22 under that torch. members/: single files, most of them wrong. trees/: the whole of small/ in one
file, most of them spoilt. manifest.json: what torch reads of all three. usage: make.py"""
import hashlib
import json
import os
import zipfile

import torch

DIM, NBITS, K = 16, 2, 4
CHUNKS = [[3, 1, 2], [4, 0], [2, 2, 5]]


def save(value, path, location):
    torch.save(value, path)
    if location == "cpu":
        return
    stem = os.path.splitext(os.path.basename(path))[0]
    with zipfile.ZipFile(path) as f:
        members = [(i.filename, f.read(i)) for i in f.infolist()]
    with zipfile.ZipFile(path, "w") as f:
        for name, data in members:
            if name == stem + "/data.pkl":
                data = data.replace(b"X\x03\x00\x00\x00cpu", b"X\x06\x00\x00\x00cuda:0")
            f.writestr(zipfile.ZipInfo(name), data)


def dump(value, path):
    with open(path, "w") as f:
        f.write(json.dumps(value, indent=4).replace("/", "\\/") + "\n")


def make(folder, location):
    gpu = location != "cpu"
    weights = torch.float16 if gpu else torch.float32
    os.makedirs(folder, exist_ok=True)
    g = torch.Generator().manual_seed(5)
    rows = sum(map(sum, CHUNKS))
    codes = torch.randint(0, K, (rows,), generator=g, dtype=torch.int32)
    residuals = torch.randint(0, 256, (rows, DIM // 8 * NBITS), generator=g, dtype=torch.uint8)
    centroids = torch.nn.functional.normalize(torch.randn(K, DIM, generator=g)).half()
    save(centroids, f"{folder}/centroids.pt", location)
    save((torch.tensor([-0.25, 0.0, 0.25]), torch.tensor([-0.5, -0.125, 0.125, 0.5], dtype=weights)), f"{folder}/buckets.pt", location)
    save(torch.tensor(0.1875, dtype=weights), f"{folder}/avg_residual.pt", location)
    pid_of = torch.repeat_interleave(torch.arange(sum(map(len, CHUNKS)), dtype=torch.int32), torch.tensor(sum(CHUNKS, [])))
    lists = [torch.unique(pid_of[codes == k]) for k in range(K)]
    lengths = torch.tensor([len(x) for x in lists])
    padding = [] if gpu else [torch.zeros(int(lengths.max()), dtype=torch.int32)]  # before 2024-04 there was none
    save((torch.cat(lists + padding), lengths), f"{folder}/ivf.pid.pt", "cpu")
    config = {"query_token": "[Q]", "nbits": NBITS, "dim": DIM, "lr": 3e-6, "ncells": None, "amp": True, "collection": ["caf\u00e9", "a/b"],
              "checkpoint": "colbert-ir/colbertv2.0", "root": "/home/user/experiments", "experiment": "default", "index_name": "small",
              "name": "2026-11/24/10.00.00", "rank": 0, "gpus": int(gpu)}
    first_row = first_pid = 0
    for i, doclens in enumerate(CHUNKS):
        n = sum(doclens)
        save(codes[first_row:first_row + n].clone(), f"{folder}/{i}.codes.pt", "cpu")
        save(residuals[first_row:first_row + n].clone(), f"{folder}/{i}.residuals.pt", "cpu")
        with open(f"{folder}/doclens.{i}.json", "w") as f:
            f.write(json.dumps(doclens, separators=(",", ":")))
        dump({"passage_offset": first_pid, "num_passages": len(doclens), "num_embeddings": n, "embedding_offset": first_row},
             f"{folder}/{i}.metadata.json")
        first_row, first_pid = first_row + n, first_pid + len(doclens)
    plan = {"config": config, "num_chunks": len(CHUNKS), "num_partitions": K}
    dump({**plan, "num_embeddings_est": 19.000000476837158, "avg_doclen_est": 2.375}, f"{folder}/plan.json")
    dump({**plan, "num_embeddings": rows, "avg_doclen": rows / first_pid}, f"{folder}/metadata.json")


def described(folder):
    def load(name):
        return torch.load(f"{folder}/{name}", map_location="cpu")

    pids, lengths = load("ivf.pid.pt")
    cutoffs, weights = load("buckets.pt")
    found = {("avg_residual",): load("avg_residual.pt"), ("bucket_cutoffs",): cutoffs, ("bucket_weights",): weights,
             ("centroids",): load("centroids.pt"), ("ivf", "pids"): pids[:int(lengths.sum())].clone(), ("ivf", "lengths"): lengths}
    for i in range(json.load(open(f"{folder}/metadata.json"))["num_chunks"]):
        found["chunks", i, "codes"] = load(f"{i}.codes.pt")
        found["chunks", i, "residuals"] = load(f"{i}.residuals.pt")
        found["chunks", i, "doclens"] = torch.tensor(json.load(open(f"{folder}/doclens.{i}.json")))
    names = {torch.float16: "f16", torch.float32: "f32", torch.int32: "i32", torch.int64: "i64", torch.uint8: "u8"}
    return [{"keys": keys, "dtype": names[t.dtype], "shape": list(t.shape), "sha256": hashlib.sha256(t.numpy().tobytes()).hexdigest()}
            for keys, t in found.items()]


here = os.path.dirname(os.path.abspath(__file__))
make(f"{here}/small", "cpu")
make(f"{here}/gpu", "cuda:0")
def members(folder):
    """Single files to put into a copy of small/: what must be refused there, and scalar.pt, which must not."""
    os.makedirs(folder, exist_ok=True)
    pids, lengths = torch.load(f"{here}/small/ivf.pid.pt")
    n = int(lengths.sum())
    files = {
        "scalar": torch.tensor([0.1875]),
        "ivf-padding-not-zero": (torch.cat([pids[:n], torch.tensor([0, 0, 7, 0], dtype=torch.int32)]), lengths),
        "ivf-padding-too-short": (pids[:n + 1].clone(), lengths),
        "ivf-pids-too-few": (pids[:n - 1].clone(), lengths),
        "ivf-negative-length": (pids[:n].clone(), torch.tensor([-1] + lengths.tolist()[1:])),
        "ivf-too-few-lengths": (pids[:n].clone(), lengths[:3].clone()),
        "ivf-three": (pids, lengths, lengths),
        "ivf-pids-i64": (pids.long(), lengths),
        "codes-i64": torch.zeros(6, dtype=torch.int64),
        "codes-two-axes": torch.zeros(6, 1, dtype=torch.int32),
        "codes-five": torch.zeros(5, dtype=torch.int32),
        "residuals-wide": torch.zeros(6, 8, dtype=torch.uint8),
        "residuals-five": torch.zeros(5, 4, dtype=torch.uint8),
        "centroids-wide": torch.zeros(4, 32, dtype=torch.float16),
        "centroids-five": torch.zeros(5, 16, dtype=torch.float16),
        "centroids-expanded": torch.zeros(1, 1, dtype=torch.float16).expand(1 << 30, 1 << 10),
        "buckets-one": torch.zeros(4),
        "buckets-eight": (torch.zeros(7), torch.zeros(8)),
        "dict": {"centroids": torch.zeros(4, 16)},
    }
    for name, value in files.items():
        torch.save(value, f"{folder}/{name}.pt")


def trees(folder):
    """Whole trees, each in one file, as canon converts them to an index, or refuses to."""
    os.makedirs(folder, exist_ok=True)

    def load(name):
        return torch.load(f"{here}/small/{name}")

    def read(name):
        return json.load(open(f"{here}/small/{name}"))

    def tree(**changed):
        pids, lengths = load("ivf.pid.pt")
        cutoffs, weights = load("buckets.pt")
        chunks = [{"codes": load(f"{i}.codes.pt"), "residuals": load(f"{i}.residuals.pt"), "metadata": read(f"{i}.metadata.json"),
                   "doclens": torch.tensor(read(f"doclens.{i}.json"))} for i in range(len(CHUNKS))]
        return {"centroids": load("centroids.pt"), "bucket_cutoffs": cutoffs, "bucket_weights": weights, "avg_residual": load("avg_residual.pt"),
                "ivf": {"pids": pids[:int(lengths.sum())].clone(), "lengths": lengths}, "chunks": chunks, "metadata": read("metadata.json"),
                "plan": read("plan.json"), **changed}

    def with_config(**more):
        metadata = read("metadata.json")
        metadata["config"].update(more)
        return tree(metadata=metadata)

    odd = ["", "\u00e9\u6e29\U0001f600", "\0\b\t\n\f\r\x1f\x7f\"\\/", 0.1, 1e300, 5e-324, -0.0, 1e16, 123456789.0, 1e22, -2 ** 63, 2 ** 63 - 1, 0,
           -128, 255, True, None, {}, [], [[], {"": []}]]
    pids, lengths = load("ivf.pid.pt")
    n = int(lengths.sum())
    doclens = tree()
    doclens["chunks"][1]["doclens"] = torch.tensor([4, 1])
    negative = tree()
    negative["chunks"][1]["doclens"] = torch.tensor([5, -1])
    files = {
        "plain": tree(),
        "odd-values": with_config(**{"odd": odd, "\u00e9\n": 1}),
        "doclens-sum": doclens,
        "doclens-negative": negative,
        "lengths-sum": tree(ivf={"pids": pids[:n - 1].clone(), "lengths": lengths}),
        "lengths-negative": tree(ivf={"pids": pids[:n].clone(), "lengths": torch.tensor([-1, n, 1, 0])}),
        "no-chunks": tree(chunks=[]),
        "nan": with_config(lr=float("nan")),
        "large-integer": with_config(lr=2 ** 64),
        "key-of-integer": with_config(odd={1: 2}),
        "key-with-nul": with_config(odd={"a\0b": 2}),
        "bytes": with_config(odd=bytearray(b"x")),
        "tensor": with_config(odd=torch.zeros(2)),
        "surrogate": with_config(odd="\ud800"),
        "more": tree(more=torch.zeros(2)),
    }
    deep = []
    for _ in range(31):
        deep = [deep]
    files["deep"] = with_config(odd=deep)
    for name, value in files.items():
        torch.save(value, f"{folder}/{name}.pt")


members(f"{here}/members")
trees(f"{here}/trees")
entries = [{"file": name, "expect": "ok", "tensors": described(f"{here}/{name}")} for name in ("small", "gpu", "torch-2.8.0")]
with open(f"{here}/manifest.json", "w") as manifest:
    manifest.write('{"files": [\n' + ",\n".join(map(json.dumps, entries)) + "\n]}\n")
