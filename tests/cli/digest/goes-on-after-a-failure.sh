cp "$CORPUS/torch/2.8.0/state_dict.pt" a.pt
echo no tensors here at all >b.pt
canon digest b.pt missing.pt a.pt 2>errors
echo "exit $?"
sed "s, --from .*, --from," errors
