cp -r "$CORPUS/../colbert/small" index
echo '["a","b"]' >index/collection.json
echo '{"0":"x"}' >index/pid_docid_map.json
head -c 300000 /dev/zero >index/docid_metadata_map.json
: >index/README
canon info index | grep -e other_files -e /files/
canon convert index out/
for file in collection.json pid_docid_map.json docid_metadata_map.json README; do cmp index/$file out/$file; done
canon diff index out | tail -n 1
canon convert index plain/ --exclude /files
diff <(ls out) <(ls plain)
canon diff index plain | grep -c missing
canon convert --to msgpack index index.msgpack
canon convert --to colbert index.msgpack again/ && diff -r out again && echo through msgpack the same
canon convert --coalesce index one/ && cmp index/collection.json one/collection.json
for name in ivf.pt ../abc README; do
  sed "s|README|$name|; s|pid_docid_map.json|doclens.10000.json|" index.msgpack >bad.msgpack
  canon convert --to colbert bad.msgpack bad --exclude /files/doclens.10000.json || echo "exit $?" >&2
done
canon convert --to colbert bad.msgpack worse || echo "exit $?" >&2
ls
