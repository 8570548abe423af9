# The same 100 numbers, as two versions of PyTorch add their squares: half of these rows were chosen so that they differ.
for version in 2.7.1 2.8.0; do
  canon convert --reduce norm --order torch-$version "$CORPUS/../torch/rows-x-float32.npy" $version.npy
  tail -c 32 $version.npy | od -An -tx4
done
canon convert --reduce sum --order torch-3.0 2.7.1.npy y.npy
canon convert --reduce sumsq --order torch-2.8 2.7.1.npy y.npy
