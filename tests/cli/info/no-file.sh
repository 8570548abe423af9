canon info
