/* SPDX-License-Identifier: MIT
 * rows.h: the two passes over a row: its norm with an error bound, and the division. Stretch by stretch.
 * Elements are dense. */
#ifndef CANON_NUMERICS_BODY_ROWS_H
#define CANON_NUMERICS_BODY_ROWS_H

#include "core/numerics/body/real.h"

/* The sum of squares so far is high + low, but for roundings that row_norm() bounds. */
struct row_sum {
  double high, low;
  uint64_t stretches;
};

enum divisor_kind { DIVISOR_NAN, DIVISOR_INFINITE, DIVISOR_FINITE, DIVISOR_HUGE };

/* max(n, RN(1e-12)). HUGE: beyond the doubles; value * 2^64. */
struct divisor {
  enum divisor_kind kind;
  int small; /* n was the smaller one */
  double value;
};

/* += the squares of n <= STRETCH elements */
void row_add(const struct real_source *source, struct row_sum *sum, const void *x, uint64_t n);

/* 1 and the divisor if the bound decides it; 0 if not, or if an element is no finite number. */
int row_norm(uint32_t dtype, const struct row_sum *sum, struct divisor *divisor);

/* The divisor by exact arithmetic, for the row x[0], x[stride], ..., stride in bytes. */
struct divisor row_norm_exact(uint32_t dtype, const void *x, uint64_t axis, uint64_t stride);

/* y = RN(x / divisor) for n <= STRETCH elements; y may be x. */
void row_divide(const struct real_source *source, const struct divisor *divisor, const void *x, uint64_t n, void *y);

#endif
