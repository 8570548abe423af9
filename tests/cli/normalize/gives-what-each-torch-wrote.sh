# norm.pt is torch.nn.functional.normalize(t), half_norm.pt that in float16, as each version wrote them.
for version in 2.7.1 2.8.0; do
  folder=$SAMPLES/torch-$version
  for file in norm half_norm; do canon convert "$folder/$file.pt" "$file.npy" --force; done
  canon convert --normalize "torch-$version" "$folder/t.pt" "$version.npy"
  canon convert --normalize "torch-$version" --half "$folder/t.pt" "$version-half.npy"
  cmp "$version.npy" norm.npy && cmp "$version-half.npy" half_norm.npy && echo "$version: the same bytes"
done
cmp -s 2.7.1.npy 2.8.0.npy || echo "the two differ"
