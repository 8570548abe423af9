DOCS=${CORPUS%/tests/*}/docs
mkdir samples && cp -r "$SAMPLES" samples/data
top=$PWD
for page in diff tables; do
  awk '/^```console$/ {within = 1; next} /^```$/ {within = 0} within' "$DOCS/$page.md" >"$top/block"
  while IFS= read -r line; do
    case $line in
      '$ cd '*) printf '%s\n' "$line"; cd "$top/${line:5}" ;;
      '$ '*) printf '%s\n' "$line"; eval "${line:2}" </dev/null 2>&1 ;;
    esac
  done <"$top/block" >"$top/printed"
  cd "$top" && diff -u block printed && echo "$page.md: as shown"
done
