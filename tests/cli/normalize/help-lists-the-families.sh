canon help convert | sed -n '/^  --normalize/,/--axis/p'
