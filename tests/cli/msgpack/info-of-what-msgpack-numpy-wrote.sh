cd "$CORPUS/../msgpack/msgpack"
canon info n1_mn_state.msgpack n1_mn_stream.msgpack
CANON_CPU=portable canon info --json --digest n1_mn_one.msgpack
