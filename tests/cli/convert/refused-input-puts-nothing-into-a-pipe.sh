cp "$CORPUS/damaged/crc_wrong.pt" a.pt
canon convert --to pt a.pt - | wc -c
echo "exit ${PIPESTATUS[0]}"
