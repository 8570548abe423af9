command -v script >/dev/null && script -qec true /dev/null </dev/null >/dev/null 2>&1 || { echo "no script(1), or no pseudo-terminal" >&2; exit 77; }
cp "$CORPUS/numpy/n1_be_i32.npy" a.npy
script -qec 'canon convert --to npy a.npy -' /dev/null | tr -d '\r'
exit "${PIPESTATUS[0]}"
