PAGE=${CORPUS%/tests/*}/docs/diff.md
mkdir samples && cp -r "$SAMPLES" samples/data
awk '/^```console$/ {within = 1; next} /^```$/ {within = 0} within' "$PAGE" >block
while IFS= read -r line; do
  case $line in '$ '*) printf '%s\n' "$line"; eval "${line:2}" 2>&1 ;; esac
done <block >printed
cd "$OLDPWD" && diff -u block printed && echo "as shown"
