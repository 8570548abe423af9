cp "$CORPUS/torch/2.7.1/state_dict.pt" a.pt
cp "$CORPUS/torch/2.8.0/state_dict.pt" b.pt
head -c 300 b.pt >cut.pt
canon diff -q a.pt a.pt; echo "same: $?"
canon diff -q a.pt b.pt; echo "differs: $?"
canon diff a.pt missing.pt; echo "trouble: $?"
canon diff a.pt cut.pt >out; echo "refused: $?"
canon diff a.pt; echo "usage: $?"
canon diff a.pt b.pt c.pt; echo "usage: $?"
canon diff a.pt b.pt --select '/nothing*'; echo "nothing found: $?"
