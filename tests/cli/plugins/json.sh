command -v python3 >/dev/null || { echo "no python3" >&2; exit 77; }
canon plugins --json --plugin-dir "$EXAMPLE/example" --plugin-dir "$EXAMPLE/broken" | python3 -c '
import json, sys
listing = json.load(sys.stdin)
print(listing["schema"])
plugins = {plugin["id"]: plugin for plugin in listing["plugins"]}
for name in ("canon.pt", "canon.npy", "canon.normalize", "canon.cast", None):
    plugin = plugins[name]
    print(name, plugin["problem"], [f["name"] for f in plugin["formats"]], [t["name"] for t in plugin["transforms"]])
example = plugins["org.example.bytes"]
example["file"] = example["file"].rsplit("/", 1)[1]
print(json.dumps(example, indent=2))'
