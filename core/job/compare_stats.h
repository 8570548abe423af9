/* SPDX-License-Identifier: MIT
 * compare_stats.h: how differences spread: over sizes, over rows and columns, and as vectors. Sums are exact and counts
 * are counts, so blocks may come in any order. */
#ifndef CANON_JOB_COMPARE_STATS_H
#define CANON_JOB_COMPARE_STATS_H

#include <canon/canon.h>

#include "core/job/compare_check.h"
#include "core/numerics/differences.h"
#include "core/numerics/sums.h"

struct spread {
  struct sums all;        /* squares of b, of all pairs that are finite on both sides */
  struct wide a, b, both; /* squares and products of the parts that are not equal */
  uint64_t ulp[CANON_ULP_BINS], relative[CANON_RELATIVE_BINS], to_zero;
  uint64_t first_row, last_row, first_column, last_column;
  double least_change, greatest_change;
};

/* The tensor as a matrix: its last dimension is a row. Marks are kept of so many rows and columns at most, a bit each.
 */
enum { MARKS = 1 << 16 };
struct marks {
  uint64_t rows, columns;
  _Atomic uint64_t row[MARKS / 64], column[MARKS / 64];
};

void spread_init(struct spread *spread);
/* Every element of b in a block, before the others. dtype: of its parts. */
void spread_add_block(struct spread *spread, uint32_t dtype, const void *b, uint64_t parts);
/* A pair of integers that is not equal. */
void spread_add(struct spread *spread, const struct comparand *comparand);
/* Pairs of finite floats of other values, whose sums of squares and products terms_end() adds. */
void spread_add_floats(struct spread *spread, const double *change, const double *b, const uint64_t *ulp, uint32_t n);
/* An element of b beside a NaN or an infinity. */
void spread_exclude(struct spread *spread, double b);
/* What kernels counted. */
void spread_add_bins(struct spread *spread, const struct difference_bins *bins);
/* An element that counts as differing, before its block is merged; several, at these places behind `first`; or the bits
 * of n behind it, which are a word more than they need. */
void spread_mark(struct spread *spread, struct marks *marks, uint64_t element);
void spread_mark_all(struct spread *spread, struct marks *marks, uint64_t first, const uint32_t *at, uint32_t n);
void spread_mark_bits(struct spread *spread, struct marks *marks, uint64_t first, const uint64_t *bits, uint32_t n);
void spread_merge(struct spread *into, const struct spread *from);
void spread_finish(const struct spread *spread, const struct marks *marks, canon_diff_stats *stats);

#endif
