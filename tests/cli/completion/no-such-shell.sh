canon help --completion tcsh; echo "exit $?"
canon help --completion; echo "exit $?"
