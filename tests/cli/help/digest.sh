# What plugins add is another test's.
canon digest --help | sed '/^Transforms/,/^Examples/d; /^Formats/,/^Examples/d'
canon help digest | diff - <(canon digest -h) && echo same
