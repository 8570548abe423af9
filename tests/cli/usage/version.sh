canon --version
canon -V
canon info --version
