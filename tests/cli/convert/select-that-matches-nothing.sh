cp "$CORPUS/torch/2.8.0/state_dict.pt" a.pt
canon convert a.pt b.pt --select /nothing/here
status=$?
ls
exit $status
