/* SPDX-License-Identifier: MIT
 * compare_map.c: see compare_map.h. */
#include "core/job/compare_map.h"

#include <stdatomic.h>
#include <string.h>

/* ---- cases ---- */

static int comes_first(uint64_t rank, const canon_diff_case *item, uint64_t other_rank, const canon_diff_case *other) {
  if (rank != other_rank) return rank > other_rank;
  if (item->element != other->element) return item->element < other->element;
  return item->part < other->part;
}

static void list_add(struct case_list *list, uint64_t rank, const canon_diff_case *item) {
  uint32_t at = list->n;
  while (at > 0 && comes_first(rank, item, list->rank[at - 1], &list->items[at - 1])) at--;
  if (at == CANON_MAP_CASES) return;
  if (list->n < CANON_MAP_CASES) list->n++;
  for (uint32_t i = list->n - 1; i > at; i--) {
    list->rank[i] = list->rank[i - 1];
    list->items[i] = list->items[i - 1];
  }
  list->rank[at] = rank;
  list->items[at] = *item;
}

void cases_add(struct cases *cases, uint64_t rank, const canon_diff_case *item) {
  list_add(rank ? &cases->worst : &cases->others, rank, item);
}

void cases_merge(struct cases *into, const struct cases *from) {
  for (uint32_t i = 0; i < from->worst.n; i++) list_add(&into->worst, from->worst.rank[i], &from->worst.items[i]);
  for (uint32_t i = 0; i < from->others.n; i++) list_add(&into->others, 0, &from->others.items[i]);
}

/* ---- cells ---- */

/* What each of at most `cells` cells takes of n. */
static uint64_t share_of(uint64_t n, uint64_t cells) { return n / cells + (n % cells != 0); }

void map_init(struct map *map, uint64_t rows, uint64_t columns) {
  map->columns = columns;
  map->cell_rows = share_of(rows, CANON_MAP_ROWS);
  map->cell_columns = share_of(columns, CANON_MAP_COLUMNS);
}

void map_add(struct map *map, uint64_t element) {
  uint64_t row = element / map->columns / map->cell_rows, column = element % map->columns / map->cell_columns;
  atomic_fetch_add_explicit(&map->differing[row][column], 1, memory_order_relaxed);
}

static uint64_t cases_of(const struct case_list *list, canon_diff_case *items) {
  memcpy(items, list->items, list->n * sizeof *items);
  return list->n;
}

void map_finish(const struct map *map, uint64_t rows, const struct cases *cases, canon_diff_map *made) {
  made->rows = share_of(rows, map->cell_rows);
  made->columns = share_of(map->columns, map->cell_columns);
  made->cell_rows = map->cell_rows;
  made->cell_columns = map->cell_columns;
  for (uint64_t row = 0; row < made->rows; row++)
    for (uint64_t column = 0; column < made->columns; column++)
      made->differing[row][column] = atomic_load_explicit(&map->differing[row][column], memory_order_relaxed);
  made->n_worst = cases_of(&cases->worst, made->worst);
  made->n_others = cases_of(&cases->others, made->others);
}
