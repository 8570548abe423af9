unset CANON_BUILTIN_PLUGINS CANON_PLUGIN_PATH
mkdir folder
echo 'not a shared object' >folder/text.so
canon plugins --plugin-dir folder --plugin-dir "$EXAMPLE/broken" | grep -A 2 '\.so' | sed "s|$EXAMPLE|EXAMPLE|"
