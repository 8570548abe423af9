cp "$CORPUS/torch/2.8.0/checkpoint.pt" in.pt
canon convert 'in.pt#/state_dict' out --to folder
echo "exit $?"
canon convert in.pt out --to folder --suffix npy
echo "exit $?"
canon convert in.pt out --to folder --suffix wav
echo "exit $?"
canon convert 'in.pt#/state_dict' arrays --to folder --suffix .npy
(cd arrays && find . | sort)
canon convert --exclude /optimizer in.pt parts --to folder --suffix pt
(cd parts && find . | sort)
canon convert 'parts#/epoch.pt' - --to msgpack | od -An -tx1
printf '\x82\xa1a\xc0\xa4a.pt\xc0' >clash.msgpack
canon convert --from msgpack clash.msgpack out --to folder --suffix pt
echo "exit $?"
ls -A
canon convert "$CORPUS/torch/2.8.0/sparse_coo.pt" sparse --to folder
echo "exit $?"
canon convert "$CORPUS/torch/2.8.0/sparse_coo.pt" sparse --to folder --suffix pt
ls sparse
canon convert "$CORPUS/torch/2.8.0/sparse_coo.pt#/coo" coo --to folder --suffix npy
echo "exit $?"
