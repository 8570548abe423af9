cp "$SAMPLES/torch-2.7.1/half_norm.pt" a.pt
cp "$SAMPLES/torch-2.8.0/half_norm.pt" b.pt
at() { canon diff --json "$@" a.pt b.pt | grep -o '"passes_at":{.*}},"presets"'; }
at --preset torch
read -r rtol atol < <(at | sed 's/.*"exact":{"rtol":\([^,]*\),"atol":\([^,]*\),.*/\1 \2/')
below() { python3 -c 'import math, sys; print(math.nextafter(float(sys.argv[1]), 0))' "$1"; }
canon diff -q --rtol "$rtol" a.pt b.pt; echo "rtol: $?"
canon diff -q --rtol "$(below "$rtol")" a.pt b.pt; echo "below: $?"
canon diff -q --atol "$atol" a.pt b.pt; echo "atol: $?"
canon diff -q --atol "$(below "$atol")" a.pt b.pt; echo "below: $?"
canon diff -q --ulp 1 a.pt b.pt; echo "ulp 1: $?"
canon diff -q --ulp 0 a.pt b.pt; echo "ulp 0: $?"
canon diff --exact-bounds --preset torch --json a.pt b.pt | grep -o '"checks":\[[^]]*\]'
for wrong in nan -1 inf 1e-5x ''; do canon diff --rtol "$wrong" a.pt b.pt; echo "exit $?"; done
