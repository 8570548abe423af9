cp "$CORPUS/torch/2.8.0/state_dict.pt" a.pt
cp a.pt b.pt; cp a.pt c.pt
canon digest a.pt b.pt c.pt >SUMS
rm a.pt; echo nothing >c.pt
canon verify SUMS 2>&1 | sed "s, --from .*, --from,"; echo "exit ${PIPESTATUS[0]}"
rm c.pt
canon verify --quiet SUMS; echo "exit $?"
canon verify missing; echo "exit $?"
canon verify; echo "exit $?"
canon verify --json SUMS 2>&1 | grep -o '"file":"[^"]*","result":"[^"]*"'
