/* SPDX-License-Identifier: MIT
 * bytes.c: see bytes.h. */
#include "core/job/bytes.h"

#include <canon/abi.h>

static int machine_is_little_endian(void) {
  const uint16_t one = 1;
  return *(const uint8_t *)&one == 1;
}

void bytes_little_endian(uint32_t dtype, void *elements, uint64_t n) {
  uint32_t size = canon_dtype_size(dtype), parts = canon_dtype_kind(dtype) == CANON_KIND_COMPLEX ? 2 : 1;
  uint32_t part = size / parts;
  if (machine_is_little_endian() || part < 2) return;
  uint8_t *at = elements;
  for (uint64_t i = 0; i < n * parts; i++, at += part) {
    for (uint32_t low = 0, high = part - 1; low < high; low++, high--) {
      uint8_t kept = at[low];
      at[low] = at[high];
      at[high] = kept;
    }
  }
}
