canon convert --to colbert "$CORPUS/../colbert/trees/odd-values.pt" out
canon digest --tree "$CORPUS/../colbert/trees/odd-values.pt" out | cut -d= -f2 | uniq -c | grep -c ' 2 '
sed -n '/"odd"/,/"query_token"/p; /u00e9.n/p' out/metadata.json
