rows=$CORPUS/../torch/rows
for dtype in float32 float64; do
  for version in 2.7.1 2.8.0; do
    canon convert --normalize torch-$version "$rows-x-$dtype.npy" y.npy --force
    cmp y.npy "$rows-$version-$dtype.npy" && echo "$dtype: what torch $version wrote"
  done
  for name in 1.13.1 1.13/avx2 2.0.1 2.1.0 2.2.2 2.3.1 2.4.1 2.5.1 2.6.0 2.6/avx512 2.7.0 2.7.1 2.8.0 2.9.1 2.10 2.11 2.12 \
    2.13 2.14 2.15.0 1.13/default 2.0/default 2.1/default 2.4/default 2.7/default 2.8/default 2.15/default; do
    canon convert --normalize "torch-$name" "$rows-x-$dtype.npy" y.npy --force
    echo "$(tail -c +129 y.npy | cksum) $name"
  done | awk '{key = $1 " " $2; if (!(key in names)) order[++n] = key; names[key] = names[key] " " $3}
    END {for (i = 1; i <= n; i++) print "same bits:" names[order[i]]}'
done
