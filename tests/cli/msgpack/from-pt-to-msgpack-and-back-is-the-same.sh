canon convert "$CORPUS/torch/2.8.0/checkpoint.pt#/state_dict" a.msgpack
canon convert a.msgpack b.pt
canon convert b.pt c.msgpack
cmp a.msgpack c.msgpack
canon convert --dialect flax b.pt d.msgpack
canon convert d.msgpack e.msgpack
cmp a.msgpack e.msgpack
for file in a.msgpack b.pt d.msgpack; do canon digest --tensors-only "$file"; done
