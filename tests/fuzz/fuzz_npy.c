/* SPDX-License-Identifier: MIT
 * fuzz_npy.c: the .npy reader, without and with a dtype for ml_dtypes' raw bytes. */
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  fuzz_format("npy", bytes, size, NULL, NULL);
  fuzz_format("npy", bytes, size, "ml-dtype", "bf16");
  return 0;
}
