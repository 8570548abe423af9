/* SPDX-License-Identifier: MIT
 * sums.c (ref): one element after the other into the exact sums. */
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
  for (uint64_t i = 0; i < n; i++) add_element(sums, number_load(dtype, bytes + i * size));
}
