canon frobnicate
