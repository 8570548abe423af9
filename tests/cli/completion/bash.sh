canon help --completion bash >script && bash -n script && source ./script
# As readline calls it: the words, the last of which is being typed, cut at "=" too.
try() {
  COMP_WORDS=(canon "$@") COMP_CWORD=$# COMPREPLY=()
  _canon 2>errors
  grep -v compopt errors
  echo "$*| ${COMPREPLY[*]}"
}
try ''
try con
try --ver
try convert --to npy
try convert --to = npy
try convert --cast bf
try convert --norm
try convert ''
try --plugin-dir . info --st
try --plugin-dir = . info --st
try info --thr
try info --threads ''
try help in
try help --completion ''
try plugins --j
mkdir folder && try info --plugin-dir f
complete -p canon
