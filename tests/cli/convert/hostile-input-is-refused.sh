for name in evil_os_system evil_stack_global laughs_memo eocd_count; do
  canon convert "$CORPUS/damaged/$name.pt" b.npy 2>&1 | sed "s|$CORPUS|CORPUS|"
  echo "exit ${PIPESTATUS[0]}"
done
ls
