canon info --tensor-only x.pt
canon info --jsno x.pt
canon --verion
canon info --selct=/x x.pt
