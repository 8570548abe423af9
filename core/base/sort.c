/* SPDX-License-Identifier: MIT
 * sort.c: see sort.h. */
#include "core/base/sort.h"

#include <string.h>

typedef int comparer(const void *context, uint64_t a, uint64_t b);

/* items[0, middle) and items[middle, n), each sorted, into one. */
static void merge(uint64_t *items, uint64_t *scratch, size_t middle, size_t n, comparer *compare, const void *context) {
  if (compare(context, items[middle - 1], items[middle]) <= 0) return;
  memcpy(scratch, items, middle * sizeof *items);
  size_t left = 0, right = middle, out = 0;
  while (left < middle && right < n)
    items[out++] = compare(context, items[right], scratch[left]) < 0 ? items[right++] : scratch[left++];
  memcpy(items + out, scratch + left, (middle - left) * sizeof *items);
}

void sort_indexes(uint64_t *items, uint64_t *scratch, size_t n, comparer *compare, const void *context) {
  for (size_t width = 1; width < n; width *= 2)
    for (size_t first = 0; n - first > width; first += 2 * width) {
      size_t run = n - first > 2 * width ? 2 * width : n - first;
      merge(items + first, scratch, width, run, compare, context);
      if (run < 2 * width) break;
    }
}
