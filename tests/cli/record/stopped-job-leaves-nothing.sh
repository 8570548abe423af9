truncate -s 64G big.raw
for signal in INT TERM HUP; do
  env --default-signal=INT,TERM,HUP canon convert --record --limit-expand 100G --plugin-dir "$EXAMPLE/example" --from bytes big.raw b.npy &
  sleep 0.3
  kill -$signal $!
  { wait $!; } 2>/dev/null
  echo "$signal: exit $?"
done
ls -A
