canon convert a.npy b.npy c.npy
