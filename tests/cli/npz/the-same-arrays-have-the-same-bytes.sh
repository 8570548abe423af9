# stored, deflated, streamed; back from another format
for name in multi pos stream; do
  for kind in '' c; do
    canon convert "$CORPUS/../npz/numpy/n1_$name$kind.npz" $name$kind.npz
    canon convert $name$kind.npz $name$kind.pt
    canon convert $name$kind.pt again.npz --force
    cmp $name$kind.npz again.npz
    canon digest "$CORPUS/../npz/numpy/n1_$name$kind.npz" $name$kind.npz $name$kind.pt | sed 's/.*= //' | uniq | wc -l
  done
done
