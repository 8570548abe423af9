/* SPDX-License-Identifier: MIT
 * sums.h: the state behind canon_sums, for the kernels that add to it. */
#ifndef CANON_NUMERICS_SUMS_H
#define CANON_NUMERICS_SUMS_H

#include <canon/numerics.h>

#include "core/numerics/ref/wide.h"

struct sums {
  uint32_t kinds; /* CANON_SUMS_VALUES, CANON_SUMS_SQUARES */
  uint32_t reserved;
  uint64_t elements, nan, positive_infinity, negative_infinity;
  struct wide values, squares; /* of the finite elements */
};

void sums_init(canon_sums *sums, uint32_t kinds);
int32_t sums_add(canon_sums *sums, uint32_t dtype, const void *x, uint64_t n);
void sums_merge(canon_sums *into, const canon_sums *from);
int32_t sums_round(const canon_sums *sums, uint32_t what, uint32_t dtype, void *result);
void sums_count(const canon_sums *sums, canon_sums_counts *counts);

#endif
