command -v groff >/dev/null || { echo "no groff" >&2; exit 77; }
for verb in '' convert info diff digest verify plugins; do canon help --man $verb | groff -man -Tutf8 -ww >/dev/null; done
