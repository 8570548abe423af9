for name in cut dup short text; do
  canon info --from npz "$CORPUS/../npz/damaged/npz_$name.npz"
  echo $?
done 2>&1 | sed "s|$CORPUS/../npz/||"
canon convert "$CORPUS/../npz/numpy/n2_wobj.npz" a.npz 2>&1 | sed "s|$CORPUS/../npz/||"
ls
