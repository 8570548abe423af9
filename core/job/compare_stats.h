/* SPDX-License-Identifier: MIT
 * compare_stats.h: how differences spread: over sizes, over rows and columns, and as vectors. Sums are exact and counts
 * are counts, so blocks may come in any order. */
#ifndef CANON_JOB_COMPARE_STATS_H
#define CANON_JOB_COMPARE_STATS_H

#include <canon/canon.h>

#include "core/job/compare_check.h"
#include "core/numerics/sums.h"

enum { PRODUCTS_WAITING = 512 };

/* Of the parts that are not equal: sums of squares and of products, and parts that wait to be added, many at once. The
 * product of two numbers of 24 bits is a double. */
struct products {
  struct sums a, b, both;
  uint32_t n;
  float a_waiting[PRODUCTS_WAITING], b_waiting[PRODUCTS_WAITING];
  double both_waiting[PRODUCTS_WAITING];
};

struct spread {
  struct sums all; /* squares of b, of all pairs that are finite on both sides */
  struct products products;
  uint64_t ulp[CANON_ULP_BINS], relative[CANON_RELATIVE_BINS], to_zero;
  uint64_t first_row, last_row, first_column, last_column;
  double least_change, greatest_change;
};

/* The tensor as a matrix: its last dimension is a row. Marks are kept of so many rows and columns at most. */
enum { MARKS = 1 << 16 };
struct marks {
  uint64_t rows, columns;
  _Atomic uint8_t row[MARKS], column[MARKS];
};

void spread_init(struct spread *spread);
/* Every element of b in a block, before the others. dtype: of its parts. */
void spread_add_block(struct spread *spread, uint32_t dtype, const void *b, uint64_t parts);
/* A pair that is not equal. */
void spread_add(struct spread *spread, uint32_t dtype, const struct comparand *comparand);
/* An element that counts as differing, before its block is merged. */
void spread_mark(struct spread *spread, struct marks *marks, uint64_t element);
/* Before a spread is merged, or merged into. */
void spread_flush(struct spread *spread);
void spread_merge(struct spread *into, const struct spread *from);
void spread_finish(const struct spread *spread, const struct marks *marks, canon_diff_stats *stats);

#endif
