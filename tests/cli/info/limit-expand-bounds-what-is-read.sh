# 4 bytes that call themselves a tensor of 16 GiB.
cp "$CORPUS/../cli/expanded.pt" a.pt
canon info a.pt
canon info --digest a.pt
canon info --stats --limit-expand 15G a.pt
