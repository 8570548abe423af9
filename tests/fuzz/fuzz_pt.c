/* SPDX-License-Identifier: MIT
 * fuzz_pt.c: the .pt reader: the archive, the pickle, the tree. */
#include "tests/fuzz/fuzz_zip.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  fuzz_zip("pt", bytes, size);
  return 0;
}
