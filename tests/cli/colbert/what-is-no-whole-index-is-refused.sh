try() { canon info index; echo "exit $?" >&2; rm -r index; cp -r "$CORPUS/../colbert/small" index; }
cp -r "$CORPUS/../colbert/small" index
rm index/1.codes.pt; try
cp index/2.codes.pt index/0.codes.pt; try
touch index/ivf.pt; try
echo '[4,1]' >index/doclens.1.json; try
sed -i 's/"nbits": 2/"nbits": 4/' index/metadata.json; try
sed -i '/"dim"/d' index/metadata.json; try
truncate -s -100 index/centroids.pt; try
rm index/*.json; try
