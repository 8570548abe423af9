cp -r "$CORPUS/../colbert/small" index
sed -i 's|/home/user|/root|; s/10.00.00/11.11.11/; s/"rank": 0/"rank": 3/' index/plan.json index/metadata.json
canon convert "$CORPUS/../colbert/small" one/
canon convert index two/
diff -r one two | grep -c '^[<>]'
canon convert -v --drop-run "$CORPUS/../colbert/small" three/ 2>&1 | grep run
canon convert --drop-run index four/
diff -r three four && echo the same
diff one/plan.json three/plan.json
canon digest "$CORPUS/../colbert/small" three | cut -d= -f2 | uniq | wc -l
canon convert --drop-run --flatten index four.npz
canon convert --drop-run --flatten "$CORPUS/../colbert/small" five.npz && cmp four.npz five.npz
canon convert --to colbert five.npz five && diff -r three five && echo the same from an archive
