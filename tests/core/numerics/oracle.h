/* SPDX-License-Identifier: MIT
 * oracle.h: what is right, by GMP and MPFR, which know nothing of canon: float types from their definition, one
 * rounding of an exact number, and random elements. */
#ifndef CANON_TESTS_ORACLE_H
#define CANON_TESTS_ORACLE_H

#include <math.h>
#include <stdio.h> /* before mpfr.h */
#include <stdlib.h>
#include <string.h>

#include <gmp.h>
#define MPFR_USE_INTMAX_T
#include <mpfr.h>

#include <canon/abi.h>

struct oracle_type {
  uint32_t dtype;
  int precision; /* bits of a normal number */
  int lowest;    /* exponent of the smallest subnormal (f8_e8m0fnu: number) */
  int bias;
  double largest;
  int infinite; /* has infinities */
};

static const struct oracle_type oracle_types[] = {
    {CANON_F16, 11, -24, 15, 65504, 1},
    {CANON_BF16, 8, -133, 127, 0x1.FEp127, 1},
    {CANON_F32, 24, -149, 127, 0x1.FFFFFEp127, 1},
    {CANON_F64, 53, -1074, 1023, 0x1.FFFFFFFFFFFFFp1023, 1},
    {CANON_F8_E4M3FN, 4, -9, 7, 448, 0},
    {CANON_F8_E5M2, 3, -16, 15, 57344, 1},
    {CANON_F8_E4M3FNUZ, 4, -10, 8, 240, 0},
    {CANON_F8_E5M2FNUZ, 3, -17, 16, 57344, 0},
    {CANON_F8_E8M0FNU, 1, -127, 127, 0x1p127, 0},
};

enum { ORACLE_TYPES = sizeof oracle_types / sizeof oracle_types[0] };

static inline const struct oracle_type *oracle_type(uint32_t dtype) {
  for (int i = 0; i < ORACLE_TYPES; i++)
    if (oracle_types[i].dtype == dtype) return &oracle_types[i];
  return NULL;
}

/* The fnuz types have their NaN where -0 would be; f8_e8m0fnu has no sign. */
static inline int has_negative_zero(uint32_t dtype) {
  return dtype != CANON_F8_E4M3FNUZ && dtype != CANON_F8_E5M2FNUZ && dtype != CANON_F8_E8M0FNU;
}

static inline uint64_t code_at(const void *x, uint32_t dtype, uint64_t i) {
  uint32_t size = canon_dtype_size(dtype);
  uint64_t code = 0; /* little-endian, as the machines that run these tests */
  memcpy(&code, (const uint8_t *)x + i * size, size);
  return code;
}

static inline void set_code(void *x, uint32_t dtype, uint64_t i, uint64_t code) {
  uint32_t size = canon_dtype_size(dtype);
  memcpy((uint8_t *)x + i * size, &code, size);
}

/* The value of a float's code; every one is a double. */
static inline double value_of(uint32_t dtype, uint64_t code) {
  const struct oracle_type *type = oracle_type(dtype);
  int fraction = type->precision - 1, bits = 8 * (int)canon_dtype_size(dtype);
  if (dtype == CANON_F64) {
    double value;
    memcpy(&value, &code, sizeof value);
    return value;
  }
  if (dtype == CANON_F8_E8M0FNU) return code == 255 ? (double)NAN : ldexp(1, (int)code - 127);
  int sign = (int)(code >> (bits - 1)) & 1;
  int field = (int)(code >> fraction) & ((1 << (bits - 1 - fraction)) - 1);
  int rest = (int)(code & ((1u << fraction) - 1));
  int top = (1 << (bits - 1 - fraction)) - 1;
  double value = field ? ldexp(rest + (1 << fraction), field - type->bias - fraction) : ldexp(rest, type->lowest);
  if (type->infinite && field == top) value = rest ? (double)NAN : (double)INFINITY;
  if (dtype == CANON_F8_E4M3FN && field == top && rest == 7) value = (double)NAN;
  if (!type->infinite && dtype != CANON_F8_E4M3FN && code == 0x80) return (double)NAN;
  return sign ? -value : value;
}

/* An exact number, or one truncated to 300 bits (`more`: the exact one is larger in magnitude), to a type: nearest,
 * ties to even, subnormals kept. Beyond the largest number: infinity, also where the type has none. */
static inline double oracle_round(const struct oracle_type *type, mpfr_srcptr number, int more) {
  if (mpfr_zero_p(number)) return mpfr_signbit(number) ? -0.0 : 0.0;
  mpfr_t units, whole, rest;
  mpfr_inits2(mpfr_get_prec(number) + 64, units, whole, rest, (mpfr_ptr)0);
  int unit = (int)mpfr_get_exp(number) - type->precision;
  if (unit < type->lowest) unit = type->lowest;
  mpfr_abs(units, number, MPFR_RNDN);
  mpfr_mul_2si(units, units, -unit, MPFR_RNDN);
  mpfr_floor(whole, units);
  mpfr_sub(rest, units, whole, MPFR_RNDN);
  int side = mpfr_cmp_d(rest, 0.5);
  uint64_t count = mpfr_get_uj(whole, MPFR_RNDN);
  if (side > 0 || (side == 0 && (more || (count & 1)))) count++;
  mpfr_set_uj_2exp(units, count, unit, MPFR_RNDN);
  double value = mpfr_cmp_d(units, type->largest) > 0 ? (double)INFINITY : mpfr_get_d(units, MPFR_RNDN);
  int negative = mpfr_signbit(number) != 0;
  mpfr_clears(units, whole, rest, (mpfr_ptr)0);
  return negative ? -value : value;
}

static inline int same_double(double a, double b) { return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b)); }

/* xorshift64*: the same numbers everywhere. */
static uint64_t oracle_seed = UINT64_C(0x9E3779B97F4A7C15);

static inline uint64_t random_bits(void) {
  oracle_seed ^= oracle_seed << 13;
  oracle_seed ^= oracle_seed >> 7;
  oracle_seed ^= oracle_seed << 17;
  return oracle_seed * UINT64_C(0x2545F4914F6CDD1D);
}

static inline double random_unit(void) { return (double)(random_bits() >> 11) * 0x1p-53; }

/* About normal, mean 0, variance 1. */
static inline double random_normal(void) {
  double sum = -6;
  for (int i = 0; i < 12; i++) sum += random_unit();
  return sum;
}

/* A code of a finite number with a uniformly random exponent field. */
static inline uint64_t random_finite(uint32_t dtype) {
  uint64_t code;
  do code = random_bits() >> (64 - 8 * canon_dtype_size(dtype));
  while (!isfinite(value_of(dtype, code)));
  return code;
}

#endif
