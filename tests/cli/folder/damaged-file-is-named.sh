trouble() { canon info d; echo "exit $?"; }
mkdir -p d/sub
cp "$CORPUS/numpy/n1_be_i32.npy" d/a.npy
head -c 140 d/a.npy >d/sub/cut.npy
trouble
head -c 4 d/a.npy >d/sub/cut.npy
trouble
rm d/sub/cut.npy
cp "$CORPUS/torch/2.8.0/state_dict.pt" m.pt
head -c 700 m.pt >d/sub/m.pt
trouble
cp "$CORPUS/damaged/crc_wrong.pt" d/sub/m.pt
canon convert d out --to folder
echo "exit $?"
cp "$CORPUS/damaged/evil_os_system.pt" d/sub/m.pt
trouble
rm d/sub/m.pt
: >d/sub/empty.ckpt
trouble
rm d/sub/empty.ckpt
cp d/a.npy d/sub/a.msgpack
trouble
ls -A
