for name in norm half_norm; do
  cp "$SAMPLES/torch-2.7.1/$name.pt" a.pt
  cp "$SAMPLES/torch-2.8.0/$name.pt" b.pt
  canon diff --quiet --threads 1 --preset torch --html $name.html a.pt b.pt
  echo "exit $?"
  canon diff --quiet --threads 3 --preset torch --html again.html --force a.pt b.pt
  cmp $name.html again.html && echo "whatever the number of threads"
  canon diff --threads 3 --preset torch --html again.html --force a.pt b.pt | cmp - <(canon diff --preset torch a.pt b.pt) && echo "prints what it prints without"
done
canon diff --quiet --html same.html a.pt a.pt && echo "same: exit $?"
cat >check.py <<'END'
import re, sys
from html.parser import HTMLParser
from xml.etree import ElementTree

# Nothing runs, nothing is fetched, every link has its place, every picture its words, and every id is one.
for name in sys.argv[1:]:
    text = open(name, encoding="utf-8").read()
    root = ElementTree.fromstring(text)
    HTMLParser().feed(text)
    elements = list(root.iter())
    local = lambda element: element.tag.rsplit("}", 1)[1]
    ids = [e.attrib["id"] for e in elements if "id" in e.attrib]
    assert len(ids) == len(set(ids)), "ids"
    assert not {"script", "img", "link", "iframe", "object", "image", "use", "foreignObject"} & {local(e) for e in elements}
    for e in elements:
        for key, value in e.attrib.items():
            assert not key.startswith("on") and key not in ("src", "style", "data"), (key, value)
            assert not key.endswith("href") or (value[0] == "#" and value[1:] in ids), value
        if local(e) == "svg":
            assert e.attrib["role"] == "img"
            words = {i: "".join(x.itertext()) for x in elements for i in [x.attrib.get("id")] if i}
            assert all(len(words[i]) > 10 for i in e.attrib["aria-labelledby"].split()), "words"
    assert "url(" not in text and "@import" not in text
    heading = lambda tag: ["".join(e.itertext()) for e in elements if local(e) == tag]
    pictures = [local(e) for e in elements].count("svg")
    print(name, heading("h1"), heading("h2"), heading("h3"), pictures, "pictures")
    print(" ".join(heading("p")[0].split()))
    for row in [e for e in elements if local(e) == "tr"][-2:]: print([" ".join("".join(cell.itertext()).split()) for cell in row])
END
python3 check.py norm.html half_norm.html same.html
