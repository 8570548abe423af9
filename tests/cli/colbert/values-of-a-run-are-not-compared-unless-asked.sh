cp -r "$CORPUS/../colbert/small" index
sed -i 's|/home/user|/root|; s/10.00.00/11.11.11/; s/"rank": 0/"rank": 3/' index/plan.json index/metadata.json
canon diff "$CORPUS/../colbert/small" index | tail -n +3
canon diff --volatile "$CORPUS/../colbert/small" index | tail -n +3 | sed '/^$/d' | tail -n 8
canon diff --json index "$CORPUS/../colbert/small" | grep -o '"same":[a-z]*\|"counts":{[^}]*}\|"volatile":[0-9]*'
canon diff --quiet --volatile "$CORPUS/../colbert/small" index || echo "exit status $?"
canon convert --drop-run index dropped/
canon diff --quiet index dropped && echo left out is not compared either
canon convert --to msgpack "$CORPUS/../colbert/small" old.msgpack
canon diff --quiet old.msgpack index && echo one side that knows is enough
canon info index | grep -F volatile
canon info --json index | grep -o '"path":"/metadata/config/experiment"[^}]*'
