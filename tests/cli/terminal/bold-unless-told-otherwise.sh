command -v script >/dev/null && script -qec true /dev/null </dev/null >/dev/null 2>&1 || { echo "no script(1), or no pseudo-terminal" >&2; exit 77; }
bold() { env "$@" script -qec 'canon help' log </dev/null >/dev/null 2>&1; grep -a -c $'\033\\[1m' log; }
bold TERM=xterm
bold TERM=xterm NO_COLOR=1
bold TERM=xterm NO_COLOR=
bold TERM=dumb
TERM=xterm canon help | grep -c $'\033'
true
