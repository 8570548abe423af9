# What plugins add is another test's.
canon verify --help | sed '/^Transforms/,/^Examples/d; /^Formats/,/^Examples/d'
canon help verify | diff - <(canon verify -h) && echo same
