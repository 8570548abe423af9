canon info /dev/zero; echo "exit $?"
canon info - </dev/null; echo "exit $?"
