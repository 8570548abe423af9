/* SPDX-License-Identifier: MIT
 * normalize.c (body): walks over rows: dense ones where they lie; those with a stride (inner > 1) in tiles as wide as a
 * cache line, brought into a dense form a stretch at a time. */
#include <stddef.h>

#include "core/numerics/body/body.h"
#include "core/numerics/body/rows.h"
#include "core/numerics/ref/ref.h"

enum { TILE_BYTES = 64 };

static struct divisor decide(const struct real_source *source, const struct row_sum *sum, const void *row,
                             uint64_t axis, uint64_t stride, canon_normalize_report *report) {
  struct divisor divisor;
  if (!row_norm(source->dtype, sum, &divisor)) {
    divisor = row_norm_exact(source->dtype, row, axis, stride);
    report->nan_rows += divisor.kind == DIVISOR_NAN;
    report->infinite_rows += divisor.kind == DIVISOR_INFINITE;
    report->exact_rows += divisor.kind == DIVISOR_FINITE || divisor.kind == DIVISOR_HUGE;
  }
  report->small_rows += (uint64_t)divisor.small;
  return divisor;
}

static void normalize_dense(const struct real_source *source, const uint8_t *x, uint8_t *y, uint64_t axis,
                            uint64_t size, canon_normalize_report *report) {
  struct row_sum sum = {0, 0, 0};
  for (uint64_t i = 0; i < axis; i += STRETCH) {
    row_add(source, &sum, x + i * size, axis - i < STRETCH ? axis - i : STRETCH);
  }
  struct divisor divisor = decide(source, &sum, x, axis, size, report);
  for (uint64_t i = 0; i < axis; i += STRETCH) {
    row_divide(source, &divisor, x + i * size, axis - i < STRETCH ? axis - i : STRETCH, y + i * size);
  }
}

/* Rows of a tile, each STRETCH elements from the last, and how they lie outside. */
struct tile {
  uint64_t columns, stride, size; /* stride and size of an element in bytes */
  uint64_t storage[TILE_BYTES * STRETCH / 8];
};

static uint8_t *tile_row(struct tile *tile, uint64_t column) {
  return (uint8_t *)tile->storage + column * STRETCH * tile->size;
}

/* Between the tile and n rows of the tensor, for elements of this size. */
static inline void tile_copy(struct tile *tile, const uint8_t *from, uint8_t *to, uint64_t n, uint32_t size) {
  for (uint64_t i = 0; i < n; i++) {
    for (uint64_t j = 0; j < tile->columns; j++) {
      uint8_t *row = tile_row(tile, j) + i * size;
      uint64_t outside = i * tile->stride + j * size;
      if (from) element_store(row, size, element_load(from + outside, size));
      else element_store(to + outside, size, element_load(row, size));
    }
  }
}

static void tile_move(struct tile *tile, const uint8_t *from, uint8_t *to, uint64_t n) {
  switch (tile->size) {
    case 1: tile_copy(tile, from, to, n, 1); break;
    case 2: tile_copy(tile, from, to, n, 2); break;
    case 4: tile_copy(tile, from, to, n, 4); break;
    default: tile_copy(tile, from, to, n, 8);
  }
}

static void tile_gather(struct tile *tile, const uint8_t *x, uint64_t n) { tile_move(tile, x, NULL, n); }
static void tile_scatter(struct tile *tile, uint8_t *y, uint64_t n) { tile_move(tile, NULL, y, n); }

static void normalize_tile(const struct real_source *source, struct tile *tile, const uint8_t *x, uint8_t *y,
                           uint64_t axis, canon_normalize_report *report) {
  struct row_sum sum[TILE_BYTES] = {{0, 0, 0}};
  struct divisor divisor[TILE_BYTES];
  for (uint64_t i = 0; i < axis; i += STRETCH) {
    uint64_t n = axis - i < STRETCH ? axis - i : STRETCH;
    tile_gather(tile, x + i * tile->stride, n);
    for (uint64_t j = 0; j < tile->columns; j++) row_add(source, &sum[j], tile_row(tile, j), n);
  }
  for (uint64_t j = 0; j < tile->columns; j++) {
    divisor[j] = decide(source, &sum[j], x + j * tile->size, axis, tile->stride, report);
  }
  for (uint64_t i = 0; i < axis; i += STRETCH) {
    uint64_t n = axis - i < STRETCH ? axis - i : STRETCH;
    tile_gather(tile, x + i * tile->stride, n);
    for (uint64_t j = 0; j < tile->columns; j++) {
      row_divide(source, &divisor[j], tile_row(tile, j), n, tile_row(tile, j));
    }
    tile_scatter(tile, y + i * tile->stride, n);
  }
}

void body_normalize(uint32_t dtype, const void *x, void *y, uint64_t outer, uint64_t axis, uint64_t inner,
                    canon_normalize_report *report) {
  const uint64_t size = canon_dtype_size(dtype), widest = TILE_BYTES / size;
  struct real_source source;
  struct tile tile;
  real_source_init(&source, dtype);
  for (uint64_t i = 0; i < outer; i++) {
    const uint8_t *from = (const uint8_t *)x + i * axis * inner * size;
    uint8_t *to = (uint8_t *)y + i * axis * inner * size;
    if (inner == 1) {
      normalize_dense(&source, from, to, axis, size, report);
      continue;
    }
    for (uint64_t j = 0; j < inner; j += widest) {
      tile.columns = inner - j < widest ? inner - j : widest;
      tile.stride = inner * size;
      tile.size = size;
      normalize_tile(&source, &tile, from + j * size, to + j * size, axis, report);
    }
  }
}
