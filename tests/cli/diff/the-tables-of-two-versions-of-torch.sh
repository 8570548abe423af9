for name in t norm half_norm; do
  cp "$SAMPLES/torch-2.7.1/$name.pt" a.pt
  cp "$SAMPLES/torch-2.8.0/$name.pt" b.pt
  echo "== $name"
  canon diff a.pt b.pt | tail -n +4
done
