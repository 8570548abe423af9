[ "$(id -u)" = 0 ] || { echo "needs root, to mount a small disk" >&2; exit 77; }
mkdir disk
mount -t tmpfs -o size=64k tmpfs disk 2>/dev/null || { echo "cannot mount a small disk here" >&2; exit 77; }
echo precious >disk/b.npy
canon convert --force "$SAMPLES/torch-2.7.1/t.pt" disk/b.npy
echo "exit $?"
cat disk/b.npy
ls -A disk
umount disk
