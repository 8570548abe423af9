/* SPDX-License-Identifier: MIT
 * npy_elements.c: the elements of an array, as they lie and as a tensor has them. */
#include <string.h>

#include "formats/common/npy_header.h"

/* Byte of the array that holds element i of the C order. */
static uint64_t element_offset(const npy_header *header, uint64_t i) {
  uint64_t at = i;
  if (npy_fortran_differs(header)) {
    uint64_t step = header->elements;
    at = 0;
    for (uint32_t axis = header->rank; axis-- > 0; i /= header->shape[axis]) {
      step /= header->shape[axis];
      at += i % header->shape[axis] * step;
    }
  }
  return header->data + at * canon_dtype_size(header->dtype);
}

static int32_t check_bools(canon_job *job, const npy_bytes *bytes, const npy_header *header, uint64_t first,
                           uint64_t count, const uint8_t *values) {
  uint8_t any = 0;
  for (uint64_t i = 0; i < count; i++) any |= values[i];
  if (any <= 1) return CANON_OK;
  uint64_t i = 0;
  while (values[i] <= 1) i++;
  return npy_fail(job, bytes, CANON_E_MALFORMED, element_offset(header, first + i),
                  "element %" PRIu64 " of a bool array is %u, neither 0 nor 1", first + i, values[i]);
}

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

static void to_machine_order(const npy_header *header, void *values, uint64_t bytes) {
  uint32_t width = canon_dtype_size(header->dtype);
  if (canon_dtype_kind(header->dtype) == CANON_KIND_COMPLEX) width /= 2;
  if ((int)header->big_endian == machine_is_big_endian()) return;
  if (width == 2) swap_each(values, bytes / 2, 2);
  if (width == 4) swap_each(values, bytes / 4, 4);
  if (width == 8) swap_each(values, bytes / 8, 8);
}

int32_t npy_elements_finish(canon_job *job, const npy_bytes *bytes, const npy_header *header, uint64_t first,
                            uint64_t count, void *values) {
  to_machine_order(header, values, count * canon_dtype_size(header->dtype));
  return header->dtype == CANON_BOOL ? check_bools(job, bytes, header, first, count, values) : CANON_OK;
}
