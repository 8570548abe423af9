command -v man >/dev/null || { echo "no man" >&2; exit 77; }
for verb in '' convert info diff digest verify plugins; do
  canon help --man $verb >page.1
  man --warnings=w -E UTF-8 -l ./page.1 2>&1 >shown | sed "s/^/$verb: /"
  grep -q '^NAME' shown && grep -q '^EXAMPLES' shown && echo "canon${verb:+-}$verb"
done
