for name in norm half_norm; do
  cp "$SAMPLES/torch-2.7.1/$name.pt" a.pt
  cp "$SAMPLES/torch-2.8.0/$name.pt" b.pt
  canon diff --preset torch --preset bitsandbytes --preset assert_close --report numpy a.pt b.pt | tail -n +4
  echo "exit ${PIPESTATUS[0]}"
  canon diff -q --preset bitsandbytes a.pt b.pt; echo "bitsandbytes alone: $?"
  canon diff -q --report bitsandbytes a.pt b.pt; echo "reported: $?"
  canon diff -q --preset bitsandbytes --preset torch a.pt b.pt; echo "both: $?"
done
canon diff --preset jax a.pt b.pt
echo "exit $?"
