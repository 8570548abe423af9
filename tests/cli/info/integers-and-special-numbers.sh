cp "$CORPUS/torch/2.15.0/pyvals.pt" a.pt
canon info --json a.pt | grep -oE '"path":"/(u64|huge|nan|ninf|nz|tiny|cplx|b|su|dtype)","kind":[^}]*'
