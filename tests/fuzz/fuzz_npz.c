/* SPDX-License-Identifier: MIT
 * fuzz_npz.c: the .npz reader: the archive, and an array's header in each record. */
#include "tests/fuzz/fuzz_zip.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  fuzz_zip("npz", bytes, size);
  return 0;
}
