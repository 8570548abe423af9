canon convert --digest in.npy out.npy
canon --threads 1 info x.npy
