cp "$SAMPLES/torch-2.7.1/norm.pt" a.pt
canon convert --record - b.npy <a.pt
grep -o '"file":"[^"]*"' b.npy.canon.json
canon verify b.npy.canon.json
canon digest a.pt | grep -o '= .*' | tr -d '= ' | grep -c -F -f - b.npy.canon.json
