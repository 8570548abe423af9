list() { canon plugins | sed -E '/^  [0-9].*, /s|, [^,]*$||'; }
CANON_BUILTIN_PLUGINS=1 CANON_PLUGIN_PATH= list | sed '/^$/d' | sort >builtin
CANON_BUILTIN_PLUGINS=0 CANON_PLUGIN_PATH=$PLUGINS list | sed '/^$/d' | sort >loadable
diff builtin loadable && echo same
