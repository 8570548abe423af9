# The digest is that of the correctly rounded result, computed elsewhere.
canon convert --normalize ref "$SAMPLES/torch-2.7.1/t.pt" a.npy
canon convert --normalize ref "$SAMPLES/torch-2.8.0/t.pt" b.pt
canon info --digest a.npy b.pt | grep canon1-tensors
for version in 2.7.1 2.8.0; do
  canon info --digest "$SAMPLES/torch-$version/norm.pt" | grep canon1-tensors
done
