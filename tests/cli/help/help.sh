canon help --help
canon help help | diff - <(canon help -h) && echo same
