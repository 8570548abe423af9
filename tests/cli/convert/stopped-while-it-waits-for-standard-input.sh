for signal in INT TERM HUP; do
  mkfifo pipe
  sleep 30 >pipe &
  sleeper=$!
  env --default-signal=INT,TERM,HUP canon convert --plugin-dir "$EXAMPLE/example" --from bytes - b.npy <pipe &
  sleep 0.3
  kill -$signal $!
  { wait $!; } 2>/dev/null
  echo "$signal: exit $?"
  kill $sleeper
  rm pipe
done
ls -A
