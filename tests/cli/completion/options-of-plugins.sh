for shell in bash zsh fish; do
  canon help --plugin-dir "$EXAMPLE/example" --completion $shell >script
  grep -q 'shift.*up' script && grep -q -e 'width' script && echo "$shell: yes"
done
