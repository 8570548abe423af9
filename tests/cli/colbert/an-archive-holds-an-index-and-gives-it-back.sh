small=$CORPUS/../colbert/small
canon convert "$small" one
canon convert "$small" --flatten flat.npz
canon convert flat.npz two --to colbert
diff -r one two && echo "the same"
canon convert flat.npz again.npz && cmp flat.npz again.npz
for option in --coalesce --drop-run; do
  canon convert $option "$small" one-$option
  canon convert $option --to colbert flat.npz two-$option
  diff -r one-$option two-$option && echo "the same with $option"
done
unzip -p flat.npz metadata.json | cmp - one/metadata.json
# what a person did to the archive: order and deflation of its records, order and spaces of the JSON
/usr/bin/python3 - <<'END'
import json, random, zipfile
with zipfile.ZipFile('flat.npz') as old, zipfile.ZipFile('shuffled.npz', 'w', zipfile.ZIP_DEFLATED) as new:
    for name in random.Random(1).sample(old.namelist(), len(old.namelist())):
        content = old.read(name)
        if name.endswith('.json'):
            content = json.dumps(dict(reversed(json.loads(content).items()))).encode()
        new.writestr(name, content)
END
canon convert --to colbert shuffled.npz three
diff -r one three && echo "the same of a shuffled one"
canon convert --exclude '/chunks~11~1*' flat.npz gap.npz
canon convert --to colbert gap.npz four
canon convert --exclude '/plan.json' flat.npz no-plan.npz
canon convert --to colbert no-plan.npz five && [ ! -e five/plan.json ] && echo "no plan, no plan.json"
canon convert --exclude '/metadata.json' flat.npz no-metadata.npz
canon convert --to colbert no-metadata.npz six
