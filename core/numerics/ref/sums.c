/* SPDX-License-Identifier: MIT
 * sums.c (ref): one element after the other, or one pair, into the exact sums. */
#include "core/numerics/ref/ref.h"

static void add_element(struct sums *sums, struct number x) {
  if (x.kind == NUMBER_NAN) {
    sums->nan++;
  } else if (x.kind == NUMBER_INFINITE) {
    *(x.negative ? &sums->negative_infinity : &sums->positive_infinity) += 1;
  } else if (x.significand) {
    if (sums->kinds & CANON_SUMS_VALUES) wide_add(&sums->values, x.negative, x.significand, x.exponent);
    if (sums->kinds & CANON_SUMS_SQUARES) wide_add_square(&sums->squares, x.significand, x.exponent);
  }
}

void ref_sums(struct sums *sums, uint32_t dtype, const void *x, uint64_t n) {
  const uint8_t *bytes = x;
  uint32_t size = canon_dtype_size(dtype);
  sums->by_ref += n;
  for (uint64_t i = 0; i < n; i++) add_element(sums, number_load(dtype, bytes + i * size));
}

static int is_zero(struct number x) { return x.kind == NUMBER_FINITE && x.significand == 0; }

static void add_product(struct sums *sums, struct number x, struct number y) {
  const int negative = x.negative ^ y.negative, infinite = x.kind == NUMBER_INFINITE || y.kind == NUMBER_INFINITE;
  if (x.kind == NUMBER_NAN || y.kind == NUMBER_NAN || (infinite && (is_zero(x) || is_zero(y)))) {
    sums->nan++;
  } else if (infinite) {
    *(negative ? &sums->negative_infinity : &sums->positive_infinity) += 1;
  } else {
    wide_add_product(&sums->values, negative, x.significand, y.significand, x.exponent + y.exponent);
  }
}

void ref_products(struct sums *sums, uint32_t dtype, const void *x, const void *y, uint64_t n) {
  const uint8_t *a = x, *b = y;
  uint32_t size = canon_dtype_size(dtype);
  sums->by_ref += n;
  for (uint64_t i = 0; i < n; i++)
    add_product(sums, number_load(dtype, a + i * size), number_load(dtype, b + i * size));
}
