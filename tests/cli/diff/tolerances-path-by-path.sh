cp "$CORPUS/torch/2.7.1/state_dict.pt" a.pt
cp "$CORPUS/torch/2.8.0/state_dict.pt" b.pt
cat >tolerances <<'END'
# everything, then what is special
/**            atol=4
/layers.0.*    rtol=1e-3 atol=1e-8  # too strict
/out.bias      ulp=4000000000
END
canon diff --tolerances tolerances a.pt b.pt | tail -n +4
echo '/layers.9.*  rtol=1' >>tolerances
canon diff --tolerances tolerances a.pt b.pt; echo "exit $?"
wrong() { printf '\n%s\n' "$1" >wrong; canon diff --tolerances wrong a.pt b.pt; echo "exit $?"; }
wrong '/out.bias rtol=nan'
wrong '/out.bias atol=-1'
wrong '/out.bias ulp=1.5'
wrong '/out.bias'
wrong 'out.bias rtol=1'
wrong 'rtol=1'
wrong '/out.bias rtol=1 rtol=2'
wrong '/out.bias ulp=1 atol=2 ulp=1'
wrong '/out.bias rtol=1e-400'
wrong '/out.bias atol=1e400'
canon diff --rtol 1e-400 a.pt b.pt; echo "exit $?"
printf '\xef\xbb\xbf/** rtol=0e-400 atol=1e-310 ulp=4000000000\r\n' >from-windows
canon diff --tolerances from-windows a.pt b.pt | tail -n 1
canon diff --tolerances missing a.pt b.pt; echo "exit $?"
