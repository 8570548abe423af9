canon help convert | grep '^  canon convert' | sed "s/ |.*//" | while read -r line; do
  eval "$line" 2>&1 | grep -v 'cannot open'
done
true
