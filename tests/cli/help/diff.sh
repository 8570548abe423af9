# What plugins add is another test's.
canon diff --help | sed '/^Transforms/,/^Examples/d; /^Formats/,/^Examples/d'
canon help diff | diff - <(canon diff -h) && echo same
