canon plugins --help
canon help plugins | diff - <(canon plugins -h) && echo same
