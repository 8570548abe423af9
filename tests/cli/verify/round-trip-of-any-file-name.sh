for name in 'a (1).pt' 'a) = b.pt' $'new\nline.pt' 'back\slash.pt' $'tab\there.pt' $'\xff.pt' $'r\r.pt' ' space ' '\' 'x#y.pt' $'\xc3\xbc\xe2\x80\xae.pt'; do
  cp "$CORPUS/torch/2.8.0/state_dict.pt" "$name"
done
mkdir '(dir' && cp "$CORPUS/torch/2.8.0/checkpoint.pt" '(dir/b.pt'
canon digest --tree --each ./* '(dir/b.pt' 2>/dev/null >SUMS
canon digest ./*.pt >>SUMS
grep -c . SUMS
canon verify SUMS | grep -vc ': ok$'
canon verify --quiet SUMS && canon verify --quiet - <SUMS && echo the same
grep -F 'canon1-tree' SUMS
