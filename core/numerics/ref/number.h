/* SPDX-License-Identifier: MIT
 * number.h: real numbers as far as rounding them needs: scalar integer arithmetic, slow and obvious. ref/ is made of
 * it, and the fast kernels ask it where their error bound cannot decide. */
#ifndef CANON_NUMERICS_REF_NUMBER_H
#define CANON_NUMERICS_REF_NUMBER_H

#include "core/numerics/layout.h"

enum number_kind { NUMBER_FINITE, NUMBER_INFINITE, NUMBER_NAN };

/* (-1)^negative * (significand + t) * 2^exponent, where t = 0, or 0 < t < 1 if `more`; then significand >= 2^62, so
 * that no rounding below can mistake which side of a midpoint the number is on. */
struct number {
  enum number_kind kind;
  int negative;
  int more;
  int32_t exponent;
  uint64_t significand;
};

/* What rounding did to a number. */
enum rounding { ROUNDED_NOT, ROUNDED_NEAR, ROUNDED_TO_ZERO, ROUNDED_OVERFLOW };

/* The element at x; bool, integers and floats. */
struct number number_load(uint32_t dtype, const void *x);

/* The code of the number in this layout, to nearest, ties to even, subnormals kept. Overflow gives infinity, or NaN
 * where the type has none; the same for an infinity, which is an overflow only there. f8_e8m0fnu takes positive numbers
 * only; a tie goes to the larger there (IEEE 754-2019 4.3.1: one digit of precision has no even neighbour). */
uint64_t number_code(const struct float_layout *layout, struct number number, enum rounding *rounding);

/* To nearest, ties to even, with this many bits (at most 62) and unbounded exponent. */
struct number number_round(struct number number, uint32_t bits);

/* a / b for finite numbers without `more`, with significands below 2^63, b not zero. */
struct number number_divide(struct number a, struct number b);

/* |a| < |b| for such numbers. */
int number_smaller(struct number a, struct number b);

/* Digits of x in binary; 0 for 0. */
static inline int32_t bit_length(uint64_t x) {
  int32_t length = 0;
  for (int32_t step = 32; step; step /= 2) {
    if (x >> step) {
      x >>= step;
      length += step;
    }
  }
  return length + (x != 0);
}

#endif
