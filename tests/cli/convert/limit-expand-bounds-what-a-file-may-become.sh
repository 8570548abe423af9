# 4 bytes that call themselves a tensor of 16 GiB.
cp "$CORPUS/../cli/expanded.pt" a.pt
canon convert a.pt b.pt
echo "exit $?"
canon convert --limit-expand 15G a.pt b.pt
echo "exit $?"
ls
