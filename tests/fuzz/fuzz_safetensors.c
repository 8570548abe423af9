/* SPDX-License-Identifier: MIT
 * fuzz_safetensors.c: the safetensors reader: the header's JSON, and what its entries claim. */
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  fuzz_format("safetensors", bytes, size, NULL, NULL);
  return 0;
}
