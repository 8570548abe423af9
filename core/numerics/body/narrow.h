/* SPDX-License-Identifier: MIT
 * narrow.h: binary64 to a narrower float by its bits, without a branch on the value. */
#ifndef CANON_NUMERICS_BODY_NARROW_H
#define CANON_NUMERICS_BODY_NARROW_H

#include "core/numerics/layout.h"

static inline uint64_t double_bits(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static inline double bits_double(uint64_t bits) {
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/* 2^exponent, for normal numbers */
static inline double power_of_two(int32_t exponent) { return bits_double((uint64_t)(1023 + exponent) << 52); }

struct narrowed {
  uint64_t code; /* above the largest finite code where the value overflows */
  int exact;
};

/* magnitude >= 0 to nearest, ties to even, in a layout with `fraction` bits and this bias (not binary64's).
 * Below the smallest normal number the unit in the last place is u = 2^(1 - bias - fraction), which is that of the
 * doubles in [2^52 u, 2^53 u): adding 2^52 u rounds to a multiple of u, and the bits above those of 2^52 u count it.
 * Elsewhere the code is the double's own bits with the exponent's bias exchanged and the fraction rounded. */
static inline struct narrowed narrow(double magnitude, uint32_t fraction, int32_t bias) {
  const uint64_t bits = double_bits(magnitude);
  const double anchor = power_of_two(1 - bias - (int32_t)fraction + 52);
  const double sum = magnitude + anchor;
  const uint64_t small = double_bits(sum) - double_bits(anchor);
  const uint32_t drop = 52 - fraction;
  const uint64_t mask = (UINT64_C(1) << drop) - 1;
  const uint64_t rebiased = bits - ((uint64_t)(1023 - bias) << 52);
  const uint64_t normal = (rebiased + (mask >> 1) + (rebiased >> drop & 1)) >> drop;
  const int is_small = bits < (uint64_t)(1024 - bias) << 52;
  return (struct narrowed){is_small ? small : normal, is_small ? sum - anchor == magnitude : (bits & mask) == 0};
}

#endif
