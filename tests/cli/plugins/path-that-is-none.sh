CANON_BUILTIN_PLUGINS=1 CANON_PLUGIN_PATH=nowhere:$PLUGINS canon info "$CORPUS/torch/2.8.0/state_dict.pt" >/dev/null
CANON_BUILTIN_PLUGINS=1 CANON_PLUGIN_PATH=nowhere canon info --quiet "$CORPUS/torch/2.8.0/state_dict.pt" >/dev/null
