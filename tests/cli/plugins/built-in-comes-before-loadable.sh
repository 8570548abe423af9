unset CANON_BUILTIN_PLUGINS
export CANON_PLUGIN_PATH=$PLUGINS
canon plugins | grep -A 2 '/canon-npy.so' | sed "s|$PLUGINS|PLUGINS|"
unused=$(canon plugins | grep -c 'not used')
modules=$(ls "$PLUGINS" | grep -c '\.so$')
[ "$unused" = "$modules" ] && echo "none of the modules is used"
