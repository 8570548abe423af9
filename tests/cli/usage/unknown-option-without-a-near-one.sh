canon info --frobnicate x.npy
canon info -x x.npy
canon -x
