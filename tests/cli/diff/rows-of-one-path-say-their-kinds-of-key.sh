printf '\x83\x01\xc3\xa1\x31\xc2\xa1\x78\x05' >both.msgpack # {1: true, "1": false, "x": 5}
printf '\x82\x01\xc3\xa1\x78\x05' >integer.msgpack          # {1: true, "x": 5}
array='\x84\xc4\x02nd\xc3\xc4\x04type\xa3|u1\xc4\x05shape\x91\x01\xc4\x04data\xc4\x01'
printf '\x82\x01'"$array"'\x07\xa1\x31'"$array"'\x08' >tensors.msgpack # {1: array([7]), "1": array([8])}
printf '\x81\x01'"$array"'\x07' >tensor.msgpack
for pair in 'both integer' 'integer both' 'tensors tensor' 'tensor tensors'; do
  set -- $pair
  canon diff "$1.msgpack" "$2.msgpack"
  canon diff --json "$1.msgpack" "$2.msgpack" | sed 's/.*"tensors":\[/"tensors":[/' | grep -o '"path":"[^"]*",\("key_kind":"[^"]*",\)*"status":"[^"]*"'
done
