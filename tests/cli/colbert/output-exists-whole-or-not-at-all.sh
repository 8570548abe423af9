small=$CORPUS/../colbert/small
canon convert "$small" out/
canon convert "$small" out/
echo "exit $?" >&2
cp -r "$small" index
printf 'x' | dd of=index/2.codes.pt bs=1 seek=320 conv=notrunc status=none
canon convert --force index out
echo "exit $?" >&2
canon convert --force "$CORPUS/../colbert/gpu" out && canon info out | grep built_on
touch out/mine
canon convert --force "$small" out
echo "exit $?" >&2
canon convert "$small" - --to colbert
echo "exit $?" >&2
ls -A
