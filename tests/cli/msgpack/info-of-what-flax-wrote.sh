cd "$CORPUS/../msgpack/msgpack"
canon info flax_params.msgpack flax_chunked_bf16.msgpack
