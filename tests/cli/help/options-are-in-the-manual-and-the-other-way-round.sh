for verb in convert info diff digest verify plugins; do
  canon help $verb | sed -nE 's/^ +(-., )?(--[a-z-]+).*/\2/p' | sort -u >help
  canon help --man $verb | sed -nE '/^\.TP/{n;s/\\fB|\\fR|\\fI//g;s/\\-/-/g;s/^(-., )?(--[a-z-]+).*/\2/p}' | sort -u >manual
  grep -q -e --verbose help && diff help manual && echo "$verb: same"
done
