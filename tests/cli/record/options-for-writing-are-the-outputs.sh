canon convert --record --coalesce --drop-run "$CORPUS/../colbert/small" out/
grep -o '"options":{[^}]*}' out.canon.json
canon verify out.canon.json | head -2
