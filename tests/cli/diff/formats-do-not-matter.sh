cp "$CORPUS/torch/2.7.1/state_dict.pt" a.pt
canon convert a.pt a.msgpack
canon convert --to folder --suffix npy --select '/out.*' a.pt a
canon diff a.pt a.msgpack
canon diff --select '/out.*' a.msgpack a
canon diff 'a.pt#/out.bias' 'a.msgpack#/out.bias' && echo "exit $?"
