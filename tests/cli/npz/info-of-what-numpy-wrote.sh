cd "$CORPUS/../npz/numpy"
canon info n1_multi.npz n2_layoutc.npz n2_extra_member.npz n2_nested.npz
CANON_CPU=portable canon info --json --digest n1_pos.npz
