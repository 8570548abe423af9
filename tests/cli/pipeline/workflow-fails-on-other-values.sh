. "$(dirname "$0")/workflow"
git tag v1
canon convert --normalize ref models/b.pt b.pt && mv b.pt models/b.pt
commit -m 'other values'
workflow
save 'other values and their digests'
workflow
