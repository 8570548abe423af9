/* SPDX-License-Identifier: MIT
 * fuzz_msgpack.c: the msgpack reader: tokens, arrays of msgpack-numpy and flax, streams of several objects. */
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  fuzz_format("msgpack", bytes, size, NULL, NULL);
  return 0;
}
