mkdir in out
cp "$CORPUS/torch/2.8.0/checkpoint.pt" in/a.pt
canon convert --record --tensors-only --half --normalize ref --axis 0 --select '/state_dict/*.weight' in/a.pt out/b.pt
sed 's/"version":"[^"]*"/"version":"..."/g; s/{"canon1/\n&/g; s/"steps/\n&/; s/"rules/\n&/' out/b.pt.canon.json
stat -c '%a' out/b.pt.canon.json
ls -A in out
