cp "$SAMPLES/torch-2.7.1/half_norm.pt" a.pt
cp "$SAMPLES/torch-2.8.0/half_norm.pt" b.pt
canon diff --quiet --html page.html a.pt b.pt; echo "first: $?"
cp page.html kept.html
canon diff --quiet --html page.html a.pt a.pt; echo "there already: $?"
cmp page.html kept.html && echo untouched
canon diff --quiet --html page.html --force a.pt a.pt; echo "with --force: $?"
cmp -s page.html kept.html || echo replaced
canon diff --quiet --html b.pt --force a.pt b.pt; echo "an input: $?"
cmp b.pt "$SAMPLES/torch-2.8.0/half_norm.pt" && echo untouched
canon diff --quiet --html ./b.pt --force a.pt 'b.pt#/'; echo "a part of an input: $?"
mkdir folder
cp a.pt folder
canon diff --quiet --html folder/a.pt --force folder folder; echo "a file in an input: $?"
cmp a.pt folder/a.pt && echo untouched
canon diff --quiet --html folder --force a.pt b.pt; echo "a folder: $?"
canon diff --quiet --html - a.pt b.pt; echo "standard output: $?"
canon diff --quiet --html '' a.pt b.pt; echo "no name: $?"
canon diff --quiet --html nowhere/page.html a.pt b.pt; echo "no such folder: $?"
printf broken >broken.pt
canon diff --quiet --html other.html a.pt broken.pt 2>/dev/null; echo "refused: $?"
(ulimit -f 1; trap '' XFSZ; canon diff --quiet --html full.html a.pt b.pt; echo "no room: $?")
ls
