for tree in bytes deep doclens-negative doclens-sum key-of-integer key-with-nul large-integer lengths-negative lengths-sum more nan no-chunks surrogate tensor; do
  canon convert --to colbert "$CORPUS/../colbert/trees/$tree.pt" out
  echo "exit $?" >&2
done
try() { canon convert --to colbert "$CORPUS/../colbert/trees/plain.pt" out "$@"; echo "exit $?" >&2; }
try --exclude /ivf/lengths
try --exclude '/chunks/1/doclens'
try --select /metadata
try --cast f64
try --tensors-only
canon convert --to colbert "$CORPUS/torch/2.8.0/single.pt" out
echo "exit $?" >&2
ls -A
try --exclude /plan
ls out | grep -c json
