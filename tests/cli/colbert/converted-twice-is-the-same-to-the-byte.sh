small=$CORPUS/../colbert/small
canon convert "$small" one/
(umask 077; canon convert --threads 1 "$small/" two)
canon convert one three
canon convert "$small" tree.msgpack
canon convert --to colbert tree.msgpack four
canon convert "$small" tree.pt
canon convert --to colbert tree.pt five
for other in two three four five; do diff -r one $other && echo "$other: the same"; done
canon digest --tree "$small" one tree.msgpack tree.pt | cut -d= -f2 | uniq -c | grep -c ' 4 '
(cd one && find . | sort && cat plan.json 1.metadata.json doclens.2.json)
