deep=d/$(printf 'a/%.0s' {1..1200})
mkdir -p "$deep" && printf x >"$deep/x"
canon info d
echo "exit $?"
