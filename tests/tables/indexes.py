#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Seven real ColBERT indexes of one collection, which differ in a few bytes: two lie in samples/data/colbert, and
tests/corpus/indexes has of the others what is not in those. They come back byte for byte: the SHA-256 of each file is held.
usage: tests/tables/indexes.py OUT             writes them, and README.md with the table of what differs
       tests/tables/indexes.py --pack FOLDER   writes tests/corpus/indexes/files.json from a folder that has all of them"""
import hashlib
import json
import os
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
CORPUS = os.path.join(HERE, "..", "corpus", "indexes")
SAMPLES = os.path.join(HERE, "..", "..", "samples", "data", "colbert")
EMBEDDINGS = "torch-2.7.1/intermediates/embs_0.pt"
MATCH = 16  # bytes that are worth a reference


def base(name):
    """Of a file that is there whole."""
    with open(os.path.join(CORPUS, "embs_0.pt") if name == EMBEDDINGS else os.path.join(SAMPLES, name), "rb") as file:
        return file.read()


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def unpack(out):
    for folder in sorted(os.listdir(SAMPLES)):
        for name in sorted(os.listdir(os.path.join(SAMPLES, folder))):
            write(os.path.join(out, folder, name), base(f"{folder}/{name}"))
    write(os.path.join(out, EMBEDDINGS), base(EMBEDDINGS))
    shutil.copy(os.path.join(CORPUS, "README.md"), out)
    with open(os.path.join(CORPUS, "files.json")) as file:
        files = json.load(file)
    for path, entry in files.items():
        source = base(entry["base"])
        data = b"".join(bytes.fromhex(part) if isinstance(part, str) else source[part[0] : sum(part)] for part in entry["parts"])
        if hashlib.sha256(data).hexdigest() != entry["sha256"]:
            sys.exit(f"{path}: these are not the bytes that it was packed from")
        write(os.path.join(out, path), data)


def parts_of(data, source):
    """[FIRST, COUNT] of bytes of the source, and hexadecimal digits of all others."""
    places = {}
    for i in range(len(source) - MATCH, -1, -1):
        places[source[i : i + MATCH]] = i
    parts, literal, at, shift = [], bytearray(), 0, 0
    while at < len(data):
        piece = data[at : at + MATCH]
        first = at + shift if source[at + shift : at + shift + MATCH] == piece else places.get(piece, -1)
        if first < 0 or len(piece) < MATCH:
            literal.append(data[at])
            at += 1
            continue
        count = MATCH
        while at + count < len(data) and first + count < len(source) and data[at + count] == source[first + count]:
            count += 1
        if literal:
            parts.append(literal.hex())
            literal = bytearray()
        parts.append([first, count])
        at, shift = at + count, first - at
    return parts + ([literal.hex()] if literal else [])


def wanted(folder):
    """Indexes, and of what they were made of the embeddings, or their digest where they were not kept."""
    for root, _, names in sorted(os.walk(folder)):
        within = os.path.relpath(root, folder)
        for name in sorted(names):
            path = os.path.join(within, name)
            if within == "." or os.path.exists(os.path.join(SAMPLES, path)) or path == EMBEDDINGS:
                continue
            if not within.endswith("intermediates") or name == "embs_0.pt":
                yield path
            elif name == "recipe.json" and within.startswith("torch-") and "embs_0.pt" not in names:
                yield path


def pack(folder):
    files = {}
    for path in wanted(folder):
        with open(os.path.join(folder, path), "rb") as file:
            data = file.read()
        name = os.path.basename(path).replace("recipe", "plan")
        bases = [EMBEDDINGS] if name == "embs_0.pt" else [f"torch-{version}/{name}" for version in ("2.7.1", "2.8.0")]
        digest = hashlib.sha256(data).hexdigest()
        tries = [{"sha256": digest, "base": each, "parts": parts_of(data, base(each))} for each in bases]
        files[path] = min(tries, key=lambda entry: len(entry["parts"]))
    with open(os.path.join(CORPUS, "files.json"), "w") as file:
        lines = (json.dumps(path) + ": " + json.dumps(entry, separators=(",", ":")) for path, entry in files.items())
        file.write("{\n" + ",\n".join(lines) + "\n}\n")


if len(sys.argv) == 3 and sys.argv[1] == "--pack":
    pack(sys.argv[2])
elif len(sys.argv) == 2 and not sys.argv[1].startswith("-"):
    unpack(sys.argv[1])
else:
    sys.exit(__doc__)
