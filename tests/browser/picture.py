#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Does a screenshot (PNG of 8 bits a channel) show a page? Its corner has the colour of the page, its text and its bars are
there, and nothing touches the edge on the right, where what is too wide is cut off.
usage: tests/browser/picture.py PICTURE light|dark"""
import collections
import struct
import sys
import zlib

COLOURS = {"light": ((255, 255, 255), (29, 34, 40), (44, 108, 181)), "dark": ((20, 24, 29), (228, 232, 236), (116, 170, 230))}


def chunks(data):
    at = 8
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        yield kind, data[at + 8 : at + 8 + size]
        at += 12 + size


def predict(kind, left, up, corner):
    if kind != 4:
        return (0, left, up, (left + up) >> 1)[kind]
    p, q, r = abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)
    return left if p <= q and p <= r else up if q <= r else corner


def lines(path):
    with open(path, "rb") as file:
        data = file.read()
    parts = list(chunks(data))
    width, height, depth, colour = struct.unpack(">IIBB", parts[0][1][:10])
    assert depth == 8 and colour in (2, 6), "a PNG of another kind"
    step = 3 if colour == 2 else 4
    raw = zlib.decompress(b"".join(body for kind, body in parts if kind == b"IDAT"))
    above = bytes(width * step)
    for y in range(height):
        start = y * (width * step + 1)
        line, kind = bytearray(raw[start + 1 : start + 1 + width * step]), raw[start]
        if kind:
            for i in range(len(line)):
                left, corner = (line[i - step], above[i - step]) if i >= step else (0, 0)
                line[i] = (line[i] + predict(kind, left, above[i], corner)) & 255
        above = line
        yield [tuple(line[i : i + 3]) for i in range(0, len(line), step)]


page, text, bar = COLOURS[sys.argv[2]]
seen = collections.Counter()
for y, line in enumerate(lines(sys.argv[1])):
    if y == 3000:
        break
    seen.update(line)
    assert line[0] == page and line[-1] == page, f"line {y} reaches the edge, or is no {sys.argv[2]} page"
all_of_them = sum(seen.values())
assert seen[page] > all_of_them / 2, f"{seen[page]} of {all_of_them} are page"
assert seen[text] > 1000, f"{seen[text]} pixels of text"
assert seen[bar] > 1000, f"{seen[bar]} pixels of bars"
assert len(seen) > 50, f"{len(seen)} colours"
