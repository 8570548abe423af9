cp -r "$CORPUS/../colbert/small" index
canon info index | grep -v '^  size'
canon info index#/ivf | grep /
