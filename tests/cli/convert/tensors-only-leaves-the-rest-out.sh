cp "$CORPUS/torch/2.15.0/re_deflate.pt" a.pt
canon convert --tensors-only a.pt b.pt
canon info --json a.pt b.pt | grep -o '"values":\[[^]]*' | cut -c 1-60
