unset CANON_BUILTIN_PLUGINS CANON_PLUGIN_PATH
build=$(dirname "$PLUGINS")
for verb in '' convert info diff digest verify plugins; do canon help --man $verb | cmp - "$build/man/man1/canon${verb:+-}$verb.1" && echo same; done
