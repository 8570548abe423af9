. "$(dirname "$0")/makefile"
make sums; echo "exit $?"
make; echo "exit $?"
make; echo "exit $?"
touch in/first.pt
make; echo "exit $?"
rm out/second.npy.canon.json
make; echo "exit $?"
make check; echo "exit $?"
ls in out
