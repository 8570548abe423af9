npy() { { printf '\x93NUMPY\x01\x00\x46\x00%-69s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }"; printf "$2"; } >"$1"; }
mkdir a b
for side in a b; do
  npy $side/named.npy '\0\0\x80\x3f\0\0\0\0'
  npy $side/nan.npy '\0\0\xc0\x7f\0\0\x80\x3f'
done
npy b/named.npy '\1\0\x80\x3f\0\0\0\0'
printf '/named* rtol=1e-5\n' >rules
verdict() { canon diff "$@" a b | tail -n 1; }
verdict --tolerances rules
verdict --tolerances rules --equal values
verdict --tolerances rules --equal values --equal-nan
printf '/named* rtol=1e-5\n/nan* atol=1\n' >both
verdict --tolerances both
npy a/zero.npy '\0\0\0\0\0\0\0\0'
npy b/zero.npy '\0\0\0\0\0\0\0\x80'
verdict --tolerances rules
verdict --tolerances rules --equal values --equal-nan
printf '# nothing\n' >none
rm b/named.npy && cp a/named.npy b
verdict --tolerances none --equal values --equal-nan
verdict --tolerances none
