canon info --json=yes x.npy
