cp "$SAMPLES/torch-2.7.1/t.pt" x.pt
canon convert --reduce sum --order backwards x.pt y.pt
