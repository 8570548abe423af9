canon plugins --plugin-dir "$EXAMPLE/example" >list
sed -n '/^org.example.bytes/,/^$/p' list | grep . | sed "s|$EXAMPLE|EXAMPLE|"
grep -x 'canon\.[a-z]*' list | grep -x 'canon.\(pt\|npy\|normalize\|cast\)' | sort
