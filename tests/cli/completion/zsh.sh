command -v zsh >/dev/null || { echo "no zsh" >&2; exit 77; }
canon help --completion zsh >_canon && zsh -n _canon
