one() { printf '\70\0\0\0\0\0\0\0{"x":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}  %b' "$2" > "$1"; }
one a.safetensors '\377\377\377\377\377\377\357\177'
one b.safetensors '\377\377\377\377\377\377\357\377'
canon diff --json a.safetensors b.safetensors | grep -o '"passes_at":{[^}]*}'
for ulp in 4294967296 18437736874454810621 18437736874454810622; do
  canon diff --quiet --ulp $ulp a.safetensors b.safetensors
  echo "$ulp: exit $?"
done
