. "$(dirname "$0")/makefile"
try() { make "$@" 2>&1 | sed 's/Makefile:[0-9]*: //'; echo "exit ${PIPESTATUS[0]}"; }
make -s && cp -r out release
cp "$data/torch-2.7.1/half_norm.pt" in/new.pt
try -s diff
cp "$data/torch-2.8.0/norm.pt" in/second.pt
try -s diff
mv release other
try -s diff BASE=other ALLOW=values
