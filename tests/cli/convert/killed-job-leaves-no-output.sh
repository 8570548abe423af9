truncate -s 3G big.raw
echo precious >b.npy
for signal in INT TERM HUP; do
  # A background job of a script ignores INT, unless it is told not to.
  env --default-signal=INT,TERM,HUP canon convert --force --plugin-dir "$EXAMPLE/example" --from bytes --shift up big.raw b.npy &
  sleep 0.3
  kill -$signal $!
  { wait $!; } 2>/dev/null
  echo "$signal: exit $?"
done
cat b.npy
ls -A
