/* SPDX-License-Identifier: MIT
 * sort.h: a stable merge sort of indexes, n log n comparisons whatever the input, n where it is sorted already. */
#ifndef CANON_BASE_SORT_H
#define CANON_BASE_SORT_H

#include <stddef.h>
#include <stdint.h>

/* scratch has room for n as well. */
void sort_indexes(uint64_t *items, uint64_t *scratch, size_t n,
                  int (*compare)(const void *context, uint64_t a, uint64_t b), const void *context);

#endif
