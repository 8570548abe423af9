# What plugins add is another test's.
canon convert --help | sed '/^Transforms/,/^Examples/d; /^Formats/,/^Examples/d'
canon help convert | diff - <(canon convert -h) && echo same
