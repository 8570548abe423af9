canon convert --record --coalesce --drop-run "$CORPUS/../colbert/small" out/
grep -o '"options":{[^}]*}' out.canon.json
canon verify out.canon.json | head -2
for other in '""' false 1; do # as records told a flag once, and as none did
  sed 's/"drop-run":true/"drop-run":'$other/ out.canon.json >other.json
  canon verify other.json | head -2
done
canon convert --json --reduce sum --axis 0 --keepdims --half "$CORPUS/../colbert/small#/centroids" sum.npy | grep -o '"options":{[^}]*}'
