for python in python3 /usr/bin/python3 ''; do [ -n "$python" ] && "$python" -c 'import jsonschema' 2>errors && break; done
[ -n "$python" ] || { echo "no python3-jsonschema" >&2; exit 77; }
cat >check.py <<'END'
import json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)
for line in sys.stdin:
    output = json.loads(line)
    errors = [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validator.iter_errors(output)]
    print(output["verdict"], len(output["tensors"]), len(output["values"]), errors or "valid")
    # What the schema is for: nothing in it may be changed unseen.
    for row in output["tensors"][:3]:
        for key in list(row):
            kept = row.pop(key)
            if validator.is_valid(output) and key not in ("stats", "nan_pairs"): print("missing and valid:", key)
            row[key] = [kept, "wrong"]
            if validator.is_valid(output): print("wrong and valid:", key)
            row[key] = kept
END
check() { canon diff --json "$@" | "$python" check.py "$SCHEMA"; }
SCHEMA=${CORPUS%/tests/*}/docs/diff.schema.json
npy() { { printf '\x93NUMPY\x01\x00\x46\x00%-69s\n' "{'descr': '$2', 'fortran_order': False, 'shape': $3, }"; printf "$4"; } >"$1"; }
every="--stats --preset torch --preset numpy --report assert_close --rtol 1e-5 --ulp 1 --equal-nan"
mkdir a b
npy a/kept.npy '|u1' '(2,)' '\1\2' && cp a/kept.npy b/kept.npy
npy a/old.npy '|u1' '(3,)' '\1\2\3' && cp a/old.npy b/new.npy
npy a/gone.npy '|u1' '(2,)' '\7\7'
npy b/more.npy '<u2' '(1,)' '\7\7'
npy a/reshaped.npy '|u1' '(2, 2)' 'abcd' && npy b/reshaped.npy '|u1' '(4,)' 'abcd'
npy a/retyped.npy '|u1' '(2,)' 'ab' && npy b/retyped.npy '|i1' '(2,)' 'ab'
npy a/nan.npy '<f4' '(2,)' '\0\0\xc0\x7f\0\0\x80\x7f' && npy b/nan.npy '<f4' '(2,)' '\0\0\xc0\x7f\0\0\x80\xff'
npy a/huge.npy '<f8' '(1,)' '\0\0\0\0\0\0\xe0\x7f' && npy b/huge.npy '<f8' '(1,)' '\0\0\0\0\0\0\xe0\xff'
npy a/empty.npy '<f4' '(0, 3)' '' && cp a/empty.npy b
npy a/complex.npy '<c8' '()' '\0\0\0\0\0\0\0\0' && npy b/complex.npy '<c8' '()' '\0\0\0\0\0\0\x80\x3f'
check a b
check $every a b
check --equal values a b
check --first a b
for name in state_dict checkpoint; do
  one=$CORPUS/torch/2.7.1/$name.pt other=$CORPUS/torch/2.8.0/$name.pt
  check "$one" "$other"
  check $every "$one" "$other"
  check --max 1 "$other" "$other"
done
check $every "$SAMPLES/torch-2.7.1/norm.pt" "$SAMPLES/torch-2.8.0/norm.pt"
