canon convert "$CORPUS/../msgpack/msgpack/flax_bf16.msgpack" a.msgpack
canon convert --dialect mxnet "$CORPUS/../msgpack/msgpack/flax_bf16.msgpack" a.msgpack
canon convert --dialect flax "$CORPUS/../msgpack/msgpack/flax_bf16.msgpack" a.msgpack
cmp "$CORPUS/../msgpack/msgpack/flax_bf16.msgpack" a.msgpack
ls
