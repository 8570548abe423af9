canon info "$CORPUS/../colbert/torch-2.8.0" | sed -n 's/^  \(memory_mapped\|built_on\|producer\) */\1: /p'
canon info "$CORPUS/../colbert/gpu" | sed -n 's/^  \(memory_mapped\|built_on\|producer\) */\1: /p'
