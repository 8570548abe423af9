cp "$SAMPLES/torch-2.7.1/norm.pt" a.pt
canon convert --record a.pt b.npy
change() { sed "$1" b.npy.canon.json >c.json; canon verify c.json; echo "exit $?"; }
change 's/canon.record.1/canon.record\/2/'
change 's/"schema":[^,]*,//'
change 's/b.npy/..\/b.npy/'
change 's/"format":"npy"/"format":7/'
change 's/"canon1-tree":"./"canon1-tree":"/'
change 's/,"rules.*//'
change 's/"tensors_only":false/"tensors_only":false,"tensors_only":true/'
change 's/b.npy/\\u0062.npy/'
printf '{%.0s' {1..9} >c.json; canon verify c.json; echo "exit $?"
printf '{"a":%.0s' {1..99} >c.json; canon verify c.json; echo "exit $?"
for text in '{}' '{"schema":"x"}' '{"schema":"canon.record/1"}' '{"schema":nul}' '{"a":1,}' '{"\ud83d\ude00\udc80":"\q"}' '{"a":"'$'\t''"}' '{"a' '{"a\' '{"a":"\'; do
  printf '%s' "$text" >c.json; canon verify c.json; echo "exit $?"
done
canon convert --json a.pt d.npy >c.json; canon verify c.json; echo "exit $?"
printf '{"a\033[31m' >c.json; canon verify c.json; echo "exit $?"
cp a.pt $'\xff.pt'
canon convert --record $'\xff.pt' e.npy; echo "exit $?"
canon convert --record --select $'/\xff' a.pt e.npy; echo "exit $?"
ls e.npy* 2>&1 | grep -c 'No such'
