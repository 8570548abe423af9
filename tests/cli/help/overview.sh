canon help
canon --help | diff - <(canon help) && echo same
