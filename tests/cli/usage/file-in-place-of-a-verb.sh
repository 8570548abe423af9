touch x.pt
canon x.pt
