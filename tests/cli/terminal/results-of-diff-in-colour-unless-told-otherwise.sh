command -v script >/dev/null && script -qec true /dev/null </dev/null >/dev/null 2>&1 || { echo "no script(1), or no pseudo-terminal" >&2; exit 77; }
mkdir a b
for side in 7.1:a 8.0:b; do cp "$SAMPLES/torch-2.${side%:*}"/{half_norm,norm,t}.pt "${side#*:}"; done
in_terminal() { env "$@" script -qec 'canon diff --preset torch --preset bitsandbytes a b' log </dev/null >/dev/null 2>&1; }
in_terminal TERM=xterm
esc=$'\033'
grep -a -o "\(\(RESULT\|half-flip\|values\|same\|passes\|fails\|[0-9] fail\)$esc\[0m\|$esc\[3[0-9]m\)" log | tr -d '\n' | sed "s/$esc\[0m/\n/g; s/$esc/ESC/g"
for setting in NO_COLOR=1 TERM=dumb; do
  in_terminal TERM=xterm $setting
  grep -a -c "$esc" log
done
TERM=xterm canon diff --preset torch --preset bitsandbytes a b >out
grep -c "$esc" out
sed -n '/^a: /,/^verdict/p' log | tr -d '\r' | diff - out && echo "the same words"
# Columns stand where they do without colours.
in_terminal TERM=xterm
sed -n '/^a: /,/^verdict/p' log | tr -d '\r' | sed "s/$esc\[[0-9]*m//g; s/$esc(B//g" | diff - out && echo "in the same places"
