for name in oddnames sparse_coo dtypes rare_dtypes; do
  canon convert "$CORPUS/torch/2.8.0/$name.pt" a.msgpack
  echo $?
done
ls
