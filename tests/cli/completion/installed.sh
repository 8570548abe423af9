# What is installed is what the built canon prints.
unset CANON_BUILTIN_PLUGINS CANON_PLUGIN_PATH
build=$(dirname "$PLUGINS")
for shell in bash zsh fish; do canon help --completion $shell | cmp - "$build/completion/canon.$shell" && echo same; done
