for limit in x 1Q -1 99999999999T; do canon convert --limit-expand "$limit" a.npy b.npy || echo "exit $?"; done
