canon help convrt
echo "exit $?"
canon help convert info
