/* SPDX-License-Identifier: MIT
 * layout.h: how each float dtype spells its numbers, and elements of any size in and out of memory. */
#ifndef CANON_NUMERICS_LAYOUT_H
#define CANON_NUMERICS_LAYOUT_H

#include <stdint.h>
#include <string.h>

#include <canon/abi.h>

/* sign | exponent | fraction, from the highest bit down. Exponent field 0 is zero and the subnormals, but in
 * f8_e8m0fnu, where every code but its NaN is 2^(code - bias). */
struct float_layout {
  uint32_t dtype;
  uint32_t size;     /* bytes */
  uint32_t fraction; /* bits behind the binary point of a normal number */
  int32_t bias;
  uint64_t sign;          /* the sign bit; 0: no negative numbers */
  uint64_t negative_zero; /* its code; 0: the type has none */
  uint64_t largest;       /* code of the largest finite number */
  uint64_t infinity;      /* its code; 0: none */
  uint64_t nan;           /* the canonical NaN: quiet, positive, no payload */
};

const struct float_layout *float_layout(uint32_t dtype); /* NULL: not a float type */

/* Exponent of the smallest normal number, and of the smallest subnormal. */
static inline int32_t layout_lowest(const struct float_layout *layout) { return 1 - layout->bias; }

/* A NaN is any code above the largest finite number and infinity, or where there is no such code, the canonical one. */
static inline int layout_is_nan(const struct float_layout *layout, uint64_t code) {
  uint64_t top = layout->infinity ? layout->infinity : layout->largest;
  return code == layout->nan || (code & ~layout->sign) > top;
}

static inline int layout_is_infinite(const struct float_layout *layout, uint64_t code) {
  return layout->infinity && (code & ~layout->sign) == layout->infinity;
}

static inline uint64_t element_load(const void *x, uint32_t size) {
  uint8_t byte;
  uint16_t two;
  uint32_t four;
  uint64_t eight;
  switch (size) {
    case 1: return memcpy(&byte, x, 1), byte;
    case 2: return memcpy(&two, x, 2), two;
    case 4: return memcpy(&four, x, 4), four;
    default: return memcpy(&eight, x, 8), eight;
  }
}

static inline void element_store(void *y, uint32_t size, uint64_t code) {
  const uint8_t byte = (uint8_t)code;
  const uint16_t two = (uint16_t)code;
  const uint32_t four = (uint32_t)code;
  switch (size) {
    case 1: memcpy(y, &byte, 1); break;
    case 2: memcpy(y, &two, 2); break;
    case 4: memcpy(y, &four, 4); break;
    default: memcpy(y, &code, 8);
  }
}

#endif
