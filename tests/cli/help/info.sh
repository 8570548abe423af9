# What plugins add is another test's.
canon info --help | sed '/^Transforms/,/^Examples/d; /^Formats/,/^Examples/d'
canon help info | diff - <(canon info -h) && echo same
