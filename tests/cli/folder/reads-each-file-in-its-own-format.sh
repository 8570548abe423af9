mkdir -p d/sub/deep
cp "$CORPUS/torch/2.8.0/state_dict.pt" d/sub/deep/m.pt
cp "$CORPUS/numpy/n1_be_i32.npy" d/sub/n.npy
printf 'hello\n' >d/README.md
printf '{"a": 1}' >d/.config.json
: >d/nothing
canon info --digest d
canon info 'd#/sub/n.npy'
canon digest d/sub/n.npy 'd#/sub/n.npy' 'd/#/sub/n.npy'
canon convert 'd#/README.md' hello.npy && tail -c 6 hello.npy
canon convert --select /sub/n.npy d n.npy && canon digest n.npy
