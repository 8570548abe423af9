/* SPDX-License-Identifier: MIT
 * elements.c: see elements.h. */
#include "formats/common/elements.h"

#include <string.h>

static inline void swap_each(uint8_t *bytes, uint64_t n, uint32_t width) {
  for (; n; n--, bytes += width)
    for (uint32_t i = 0; i < width / 2; i++) {
      uint8_t byte = bytes[i];
      bytes[i] = bytes[width - 1 - i];
      bytes[width - 1 - i] = byte;
    }
}

static int machine_is_big_endian(void) {
  const uint16_t one = 1;
  uint8_t first;
  memcpy(&first, &one, 1);
  return first == 0;
}

void elements_to_machine(uint32_t dtype, int is_big_endian, void *values, uint64_t bytes) {
  uint32_t width = canon_dtype_size(dtype);
  if (canon_dtype_kind(dtype) == CANON_KIND_COMPLEX) width /= 2;
  if (is_big_endian == machine_is_big_endian()) return;
  if (width == 2) swap_each(values, bytes / 2, 2);
  if (width == 4) swap_each(values, bytes / 4, 4);
  if (width == 8) swap_each(values, bytes / 8, 8);
}

uint64_t elements_odd_bool(const uint8_t *values, uint64_t n) {
  uint8_t any = 0;
  for (uint64_t i = 0; i < n; i++) any |= values[i];
  if (any <= 1) return n;
  uint64_t i = 0;
  while (values[i] <= 1) i++;
  return i;
}
