/* SPDX-License-Identifier: MIT
 * wide.h: an exact sum in fixed point, as wide as the products of all doubles: no rounding, any order, any mixture of
 * dtypes. Used for norms, by sums.c for statistics, and by the fast kernels where their error bound cannot decide.
 *
 *   value = sum of digit[i] * 2^(32 i - 2176), i in [0, 136)
 *
 * Digits are signed 64-bit words of weight 2^32, so an addition adds without carrying. Bound: an addition changes a
 * digit by less than 2^32; carrying leaves |digit| < 2^32; carries happen every 2^30 additions at the latest; so
 * |digit| < 2^32 + 2^30 * 2^32 < 2^63. The top: 2^48 products below 2^2048 are below 2^2096, and the sum has room for
 * 2^2175. The bottom: the square of the smallest subnormal is 2^-2148. */
#ifndef CANON_NUMERICS_REF_WIDE_H
#define CANON_NUMERICS_REF_WIDE_H

#include "core/numerics/ref/number.h"

enum { WIDE_DIGITS = 136, WIDE_LOWEST = -2176, WIDE_PENDING = 1 << 30 };

struct wide {
  int64_t digit[WIDE_DIGITS];
  uint64_t pending; /* additions since the last carry */
};

/* += (-1)^negative * significand * 2^exponent; exponent >= WIDE_LOWEST, the product below 2^2112. */
void wide_add(struct wide *wide, int negative, uint64_t significand, int32_t exponent);
/* += (-1)^negative * a * b * 2^exponent */
void wide_add_product(struct wide *wide, int negative, uint64_t a, uint64_t b, int32_t exponent);
/* += significand^2 * 2^(2 exponent) */
void wide_add_square(struct wide *wide, uint64_t significand, int32_t exponent);
void wide_merge(struct wide *into, const struct wide *from);
void wide_subtract(struct wide *from, const struct wide *what);
/* The sign of value - significand^2 * 2^(2 exponent): -1, 0, 1. */
int wide_compare_square(const struct wide *wide, uint64_t significand, int32_t exponent);

/* The value, its quotient by a count in [1, 2^48], and the square root of a value that is not negative: the leading 63
 * bits at least, and whether there is `more`, ready for one rounding. */
struct number wide_value(const struct wide *wide);
struct number wide_divide(const struct wide *wide, uint64_t count);
struct number wide_sqrt(const struct wide *wide);

#endif
