cp "$SAMPLES/torch-2.7.1/half_norm.pt" a.pt
cp "$SAMPLES/torch-2.8.0/half_norm.pt" b.pt
for class in rounding half-flip values; do
  canon diff --quiet --allow $class a.pt b.pt
  echo "$class: exit $?"
done
canon diff --allow half-flip a.pt b.pt | tail -n 1
canon diff --allow half-flip --json a.pt b.pt | grep -o '"same".*"passes":[a-z]*'
canon diff --allow everything a.pt b.pt
echo "exit $?"
