small=$CORPUS/../colbert/small
canon info --buckets "$small" | grep residuals
for index in small gpu torch-2.8.0; do
  canon convert --force --buckets "$CORPUS/../colbert/$index#/chunks/0/residuals" buckets.npy
  canon convert --force "$CORPUS/../colbert/$index#/chunks/0/residuals" packed.npy
  /usr/bin/python3 - <<'EOF'
# As ColBERT packs: the bits of a number from the lowest on, bytes from the highest on.
buckets, packed = open("buckets.npy", "rb").read()[128:], open("packed.npy", "rb").read()[128:]
nbits = 8 * len(packed) // len(buckets)
bits = [number >> bit & 1 for number in buckets for bit in range(nbits)]
repacked = bytes(sum(bits[8 * i + k] << 7 - k for k in range(8)) for i in range(len(bits) // 8))
print(len(buckets), "numbers of", nbits, "bits up to", max(buckets), repacked == packed)
EOF
done
canon convert "$small" written/
canon diff --buckets "$small" written | grep -e residuals -e verdict
canon digest "$small" >SUMS && canon digest --buckets "$small" | cmp -s SUMS - || echo another digest
canon convert --to msgpack --buckets "$small" index.msgpack && canon info index.msgpack | grep residuals
canon convert --buckets "$small" out/ || echo "exit $?" >&2
canon convert --to colbert index.msgpack out || echo "exit $?" >&2
ls
