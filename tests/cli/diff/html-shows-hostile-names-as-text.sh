cat >make.py <<'END'
import os, struct
def npy(path, descr, shape, data):
    header = ("{'descr': '%s', 'fortran_order': False, 'shape': %s, }" % (descr, shape)).ljust(117) + "\n"
    with open(path, "wb") as file: file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", 118) + header.encode() + data)
names = [b"<script>alert(1)<", b"\"'&amp;]]>-->", b"\x1b[31m\r\n\t\x7f", "\u202eright to left \u05d0\u2066\u0001".encode(),
         b"\xff\xfe no UTF-8", "\ufffe\uffff\ufdd0 no characters".encode(), "\U0001f600 \u00e9".encode(), b"x" * 200]
for side in b"a", b"b":
    os.makedirs(side)
    for i, name in enumerate(names):
        value = i if side == b"a" else i + 1
        npy(side + b"/" + name + b".npy", "<f4", "(2,)", struct.pack("<2f", 0, value))
END
python3 make.py
name='a"><script>alert(2)<&script>'
mv a "$name"
canon diff --quiet --html page.html "$name" b
echo "exit $?"
cat >check.py <<'END'
import sys
from html.parser import HTMLParser
from xml.etree import ElementTree
text = open("page.html", encoding="utf-8").read()
root = ElementTree.fromstring(text)
tags = set()
class Parser(HTMLParser):
    def handle_starttag(self, tag, attributes): tags.add(tag)
Parser().feed(text)
turns = [c for c in set(text) if c != "\n" and (ord(c) < 32 or 0x7f <= ord(c) < 0xa0 or c in "\u061c\u200e\u200f" or 0x2028 <= ord(c) <= 0x202e or 0x2066 <= ord(c) <= 0x2069)]
print("script" in tags, turns)
place = "{http://www.w3.org/1999/xhtml}"
print(ascii(root.find(f".//{place}title").text))
for heading in root.iter(place + "h3"): print(ascii("".join(heading.itertext())))
END
python3 check.py
