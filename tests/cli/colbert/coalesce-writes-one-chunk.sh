small=$CORPUS/../colbert/small
canon convert -v --coalesce "$small" out/ 2>&1 | tail -n 1
(cd out && ls && cat 0.metadata.json doclens.0.json && echo && grep num_ metadata.json plan.json)
for name in codes residuals; do
  for i in 0 1 2; do canon convert "$small/$i.$name.pt" $name-$i.npy && tail -c +129 $name-$i.npy >>$name.bytes; done
  canon convert out/0.$name.pt $name.npy
  tail -c +129 $name.npy | cmp - $name.bytes && echo "$name follow each other"
done
canon convert --coalesce out again && diff -r out again && echo the same
canon convert --coalesce "$small" wrong.npy
echo "exit $?"
