index=$CORPUS/../colbert/small
canon convert "$index" packed.msgpack
canon convert --buckets "$index" buckets.msgpack
canon diff --buckets "$index" buckets.msgpack | tail -1
canon diff --buckets buckets.msgpack "$index" | tail -1
canon diff --buckets --select '/chunks/*/residuals' "$index" packed.msgpack | tail -1
canon diff --buckets packed.msgpack packed.msgpack; echo "exit $?"
canon convert --select /centroids "$index" c.npy
canon diff --buckets packed.msgpack c.npy; echo "exit $?"
canon diff --ml-dtype bf16 --buckets "$index" packed.msgpack; echo "exit $?"
