/* SPDX-License-Identifier: MIT
 * compare_map.h: where a tensor differs, counted in the cells of a matrix of bounded size, and its gravest cases.
 * Counts and lists are the same in whatever order blocks come. */
#ifndef CANON_JOB_COMPARE_MAP_H
#define CANON_JOB_COMPARE_MAP_H

#include <canon/canon.h>

/* At most CANON_MAP_CASES, the highest rank first, of one rank the first element. */
struct case_list {
  uint32_t n;
  uint64_t rank[CANON_MAP_CASES];
  canon_diff_case items[CANON_MAP_CASES];
};

struct cases {
  struct case_list worst, others;
};

/* rank 0: it is no pair of finite numbers. */
void cases_add(struct cases *cases, uint64_t rank, const canon_diff_case *item);
void cases_merge(struct cases *into, const struct cases *from);

struct map {
  uint64_t columns; /* of the tensor: its last dimension */
  uint64_t cell_rows, cell_columns;
  _Atomic uint64_t differing[CANON_MAP_ROWS][CANON_MAP_COLUMNS];
};

void map_init(struct map *map, uint64_t rows, uint64_t columns);
/* An element that differs, on any thread. */
void map_add(struct map *map, uint64_t element);
void map_finish(const struct map *map, uint64_t rows, const struct cases *cases, canon_diff_map *made);

#endif
