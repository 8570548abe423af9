/* SPDX-License-Identifier: MIT
 * sums.h: the state behind canon_sums, for the kernels that add to it. */
#ifndef CANON_NUMERICS_SUMS_H
#define CANON_NUMERICS_SUMS_H

#include <canon/numerics.h>

#include "core/numerics/ref/wide.h"

struct sums {
  uint32_t kinds; /* CANON_SUMS_VALUES, CANON_SUMS_SQUARES, or CANON_SUMS_PRODUCTS */
  uint32_t reserved;
  uint64_t elements, nan, positive_infinity, negative_infinity;
  uint64_t by_ref;             /* elements that no kernel was faster for: for tests */
  struct wide values, squares; /* of the finite elements; or values of the finite products */
};

void sums_init(canon_sums *sums, uint32_t kinds);
int32_t sums_add(canon_sums *sums, uint32_t dtype, const void *x, uint64_t n);
int32_t sums_add_products(canon_sums *sums, uint32_t dtype, const void *x, const void *y, uint64_t n);
void sums_merge(canon_sums *into, const canon_sums *from);
int32_t sums_round(const canon_sums *sums, uint32_t what, uint32_t dtype, void *result);
void sums_count(const canon_sums *sums, canon_sums_counts *counts);

#endif
