canon convert --normalize a.npy b.npy
echo "exit $?"
canon convert a.npy b.npy --normalize 2>&1 | grep -o -e '--normalize needs .*ref.* after it' | sed 's/needs .* after/needs ... after/'
exit "${PIPESTATUS[0]}"
