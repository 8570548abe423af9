/* SPDX-License-Identifier: MIT
 * npy_elements.c: the elements of an array, as they lie and as a tensor has them. */
#include "formats/common/elements.h"
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

int32_t npy_elements_finish(canon_job *job, const npy_bytes *bytes, const npy_header *header, uint64_t first,
                            uint64_t count, void *values) {
  elements_to_machine(header->dtype, (int)header->big_endian, values, count * canon_dtype_size(header->dtype));
  if (header->dtype != CANON_BOOL) return CANON_OK;
  uint64_t odd = elements_odd_bool(values, count);
  if (odd == count) return CANON_OK;
  return npy_fail(job, bytes, CANON_E_MALFORMED, element_offset(header, first + odd),
                  "element %" PRIu64 " of a bool array is %u, neither 0 nor 1", first + odd,
                  ((const uint8_t *)values)[odd]);
}
