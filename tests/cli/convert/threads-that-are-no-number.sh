for threads in x -1 1.5 '' 99999999999; do canon convert --threads "$threads" a.npy b.npy || echo "exit $?"; done
