#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: unfused.sh OBJDUMP OBJECT...: no object may hold a fused multiply-add (x86), which rounds once where C says twice.
objdump=$1
shift
[ $# -gt 0 ] || { echo "no objects" >&2; exit 1; }
for object; do
  code=$("$objdump" -d "$object") || exit 1
  if echo "$code" | grep -E 'vfn?m(add|sub)'; then
    echo "fused in $object" >&2
    exit 1
  fi
done
