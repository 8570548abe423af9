for name in arr32 bin32 c1 deep empty fx_dtype fx_shape fx_short fx_tail nd_pickle nd_short nd_type str32 utf8; do
  canon info --from msgpack "$CORPUS/../msgpack/damaged/mp_$name.msgpack"
  echo $?
  canon convert --from msgpack "$CORPUS/../msgpack/damaged/mp_$name.msgpack" a.pt 2>&-
  echo $?
done 2>&1 | sed "s|$CORPUS/../msgpack/||"
ls
