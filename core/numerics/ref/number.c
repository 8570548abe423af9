/* SPDX-License-Identifier: MIT
 * number.c: see number.h. */
#include "core/numerics/ref/number.h"

/* Exponent of the leading bit. */
static int32_t leading(struct number number) { return number.exponent + bit_length(number.significand) - 1; }

/* The number in units of 2^unit, to nearest, ties to even. The caller knows that the result fits. */
static uint64_t round_to_unit(struct number number, int32_t unit, int *inexact) {
  const uint64_t half = UINT64_C(1) << 63;
  int32_t drop = unit - number.exponent;
  *inexact = number.more;
  if (drop <= 0) return number.significand << -drop;
  if (drop > 64) {
    *inexact = 1;
    return 0; /* below 2^64 * 2^exponent, which is half a unit at most */
  }
  uint64_t kept = drop < 64 ? number.significand >> drop : 0;
  uint64_t rest = drop < 64 ? number.significand << (64 - drop) : number.significand; /* of a unit, in 2^-64 */
  if (rest) *inexact = 1;
  if (rest > half || (rest == half && (number.more || (kept & 1)))) kept++;
  return kept;
}

static uint64_t overflow_code(const struct float_layout *layout, int negative) {
  if (!layout->infinity) return layout->nan;
  return layout->infinity | (negative ? layout->sign : 0);
}

static uint64_t scale_code(const struct float_layout *layout, struct number number, enum rounding *rounding) {
  int inexact;
  int32_t exponent = leading(number);
  int32_t code = exponent + (int32_t)round_to_unit(number, exponent, &inexact) - 1 + layout->bias;
  *rounding = inexact || code < 0 ? ROUNDED_NEAR : ROUNDED_NOT;
  if (code < 0) return 0;
  if ((uint64_t)code <= layout->largest) return (uint64_t)code;
  *rounding = ROUNDED_OVERFLOW;
  return layout->nan;
}

uint64_t number_code(const struct float_layout *layout, struct number number, enum rounding *rounding) {
  *rounding = ROUNDED_NOT;
  if (number.kind == NUMBER_NAN) return layout->nan;
  if (number.kind == NUMBER_INFINITE) {
    if (!layout->infinity) *rounding = ROUNDED_OVERFLOW;
    return overflow_code(layout, number.negative);
  }
  if (number.significand == 0) return number.negative ? layout->negative_zero : 0;
  if (layout->dtype == CANON_F8_E8M0FNU) return scale_code(layout, number, rounding);

  /* A normal code is (exponent field << fraction) + fraction bits, and the leading bit of the rounded significand adds
   * 1 to the field; so the field is counted from the smallest normal number, and a carry out of rounding comes out
   * right. */
  int32_t lowest = layout_lowest(layout);
  int32_t field = leading(number) > lowest ? leading(number) - lowest : 0;
  uint64_t code = layout->largest + 1;
  int inexact = 1;
  if (field <= (int32_t)(layout->largest >> layout->fraction)) {
    code = round_to_unit(number, lowest + field - (int32_t)layout->fraction, &inexact);
    code += (uint64_t)field << layout->fraction;
  }
  if (code > layout->largest) {
    *rounding = ROUNDED_OVERFLOW;
    return overflow_code(layout, number.negative);
  }
  if (inexact) *rounding = code ? ROUNDED_NEAR : ROUNDED_TO_ZERO;
  if (code == 0) return number.negative ? layout->negative_zero : 0;
  return code | (number.negative ? layout->sign : 0);
}

static struct number load_float(const struct float_layout *layout, uint64_t code) {
  struct number number = {.kind = NUMBER_FINITE, .negative = (code & layout->sign) != 0};
  uint64_t magnitude = code & ~layout->sign;
  uint64_t field = magnitude >> layout->fraction;
  if (layout_is_nan(layout, code)) {
    number.kind = NUMBER_NAN;
  } else if (layout_is_infinite(layout, code)) {
    number.kind = NUMBER_INFINITE;
  } else if (layout->dtype == CANON_F8_E8M0FNU) {
    number.significand = 1;
    number.exponent = (int32_t)code - layout->bias;
  } else {
    uint64_t leading_bit = field ? UINT64_C(1) << layout->fraction : 0;
    number.significand = (magnitude & ((UINT64_C(1) << layout->fraction) - 1)) | leading_bit;
    number.exponent = layout_lowest(layout) + (field ? (int32_t)field - 1 : 0) - (int32_t)layout->fraction;
  }
  return number;
}

struct number number_load(uint32_t dtype, const void *x) {
  struct number number = {.kind = NUMBER_FINITE};
  uint32_t size = canon_dtype_size(dtype);
  uint64_t bits = element_load(x, size);
  switch (canon_dtype_kind(dtype)) {
    case CANON_KIND_BOOL: number.significand = bits != 0; break;
    case CANON_KIND_UINT: number.significand = bits; break;
    case CANON_KIND_INT:
      number.negative = (int)(bits >> (8 * size - 1));
      number.significand = number.negative ? (~bits + 1) & (UINT64_MAX >> (64 - 8 * size)) : bits;
      break;
    default: number = load_float(float_layout(dtype), bits);
  }
  return number;
}

struct number number_round(struct number number, uint32_t bits) {
  int inexact;
  if (number.kind != NUMBER_FINITE || number.significand == 0) return number;
  int32_t unit = leading(number) - (int32_t)bits + 1;
  number.significand = round_to_unit(number, unit, &inexact);
  number.exponent = unit;
  number.more = 0;
  return number;
}

/* Puts the leading bit of a significand at bit 62. */
static struct number align(struct number number) {
  int32_t shift = 63 - bit_length(number.significand);
  number.significand <<= shift;
  number.exponent -= shift;
  return number;
}

struct number number_divide(struct number a, struct number b) {
  struct number quotient = {.kind = NUMBER_FINITE, .negative = a.negative ^ b.negative};
  if (a.significand == 0) return quotient;
  a = align(a);
  b = align(b);
  /* Long division, 64 binary digits: a/b is in (1/2, 2), so the first or the second digit is 1. */
  uint64_t rest = a.significand;
  for (int digit = 0; digit < 64; digit++) {
    quotient.significand <<= 1;
    if (rest >= b.significand) {
      rest -= b.significand;
      quotient.significand |= 1;
    }
    rest <<= 1;
  }
  quotient.more = rest != 0;
  quotient.exponent = a.exponent - b.exponent - 63;
  return quotient;
}

int number_smaller(struct number a, struct number b) {
  if (a.significand == 0 || b.significand == 0) return a.significand == 0 && b.significand != 0;
  a = align(a);
  b = align(b);
  return a.exponent < b.exponent || (a.exponent == b.exponent && a.significand < b.significand);
}
