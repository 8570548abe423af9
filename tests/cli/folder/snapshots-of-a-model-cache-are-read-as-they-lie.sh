model=$CORPUS/torch/2.8.0/checkpoint.pt
r=cache/models--org--name
mkdir -p $r/blobs $r/snapshots/one/onnx $r/snapshots/two $r/refs
canon convert --to safetensors "$model#/state_dict" $r/blobs/1f3a
canon convert --half --to safetensors "$model#/state_dict" $r/blobs/77c0
echo '{"dim": 4}' >$r/blobs/c0ffee
for s in one two; do ln -s ../../blobs/c0ffee $r/snapshots/$s/config.json; done
ln -s ../../blobs/1f3a $r/snapshots/one/model.safetensors
ln -s ../../../blobs/1f3a $r/snapshots/one/onnx/model.safetensors
ln -s ../../blobs/77c0 $r/snapshots/two/model.safetensors
cp -RL $r/snapshots/one copy
canon info $r/snapshots/one/ | grep -e format -e files -e '^/.*emb'
canon digest --tree $r/snapshots/one copy | cut -d= -f2 | uniq -c | grep -c ' 2 '
canon info $r/snapshots/one/onnx | grep -c safetensors/
canon diff $r/snapshots/one $r/snapshots/two | tail -1
canon convert $r/snapshots/two out && find out -type l | wc -l
# What is no blob of the same cache
mkdir $r/blobs/deep cache/blobs other
echo secret >cache/secret; echo secret >$r/blobs/deep/secret; echo secret >cache/blobs/secret; echo secret >other/secret
ln -s ../../../other $r/snapshots/blobs; echo secret >$r/refs/main
for to in ../../../secret ../../blobs/deep/secret ../../../blobs/secret ../../refs/main ../blobs/secret ../../blobs/deep ../../blobs/none; do
  rm -f $r/snapshots/two/x; ln -s $to $r/snapshots/two/x
  canon info $r/snapshots/two
done
rm $r/snapshots/two/x; mv $r/blobs $r/b; ln -s b $r/blobs
canon info $r/snapshots/one | head -1
