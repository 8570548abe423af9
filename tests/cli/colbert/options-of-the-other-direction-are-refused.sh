small=$CORPUS/../colbert/small
canon convert --coalesce "$small" out.msgpack || echo "exit $?" >&2
canon convert "$small" index.msgpack
canon convert --to colbert --buckets index.msgpack out || echo "exit $?" >&2
canon convert --drop-run --coalesce "$small" one/ && canon convert --drop-run one/ one.msgpack
for verb in info diff digest verify; do canon $verb --coalesce "$small" "$small" || echo "exit $?" >&2; done
canon help info | grep -c -e --coalesce -e --flatten || :
canon help convert | grep -c -e --coalesce -e --flatten
ls
