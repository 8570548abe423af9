canon info x.npy --from
canon info x.npy --threads
