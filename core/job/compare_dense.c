/* SPDX-License-Identifier: MIT
 * compare_dense.c: a whole chunk of finite floats of which many differ: all of them go through kernels, pairs that are
 * equal as well, which change nothing. What is rare is looked for only where the extremes say that it is there. */
#include <math.h>

#include "core/job/compare_chunk.h"
#include "core/numerics/kernels.h"

/* ---- numbers ---- */

static void widen(const struct float_layout *layout, const void *codes, float *values, uint32_t *shifted) {
  canon_cast_report report = {.struct_size = sizeof report, .refused = CANON_NONE};
  const uint8_t *bytes = codes;
  if (layout->size == 2) {
    dispatch_differences()->widen(layout->dtype, codes, values, shifted);
    return;
  }
  dispatch_cast(layout->dtype, CANON_F32)(layout->dtype, CANON_F32, 0, codes, values, CHUNK, &report);
  for (uint32_t i = 0; i < CHUNK; i++) shifted[i] = (uint32_t)bytes[i] << 24;
}

/* What is binary32 or binary64 stays where it is. */
static void set_sides(struct dense *dense, const struct float_layout *layout, const void *a, const void *b) {
  struct differences *d = &dense->differences;
  if (layout->dtype == CANON_F64) {
    d->a = d->b = NULL;
    d->a_doubles = a;
    d->b_doubles = b;
    return;
  }
  d->a = a;
  d->b = b;
  d->a_codes = a;
  d->b_codes = b;
  d->unused = 32 - 8 * layout->size;
  if (layout->dtype == CANON_F32) return;
  widen(layout, a, dense->a, dense->a_codes);
  widen(layout, b, dense->b, dense->b_codes);
  d->a = dense->a;
  d->b = dense->b;
  d->a_codes = dense->a_codes;
  d->b_codes = dense->b_codes;
}

static double a_of(const struct differences *d, uint32_t i) { return d->a ? (double)d->a[i] : d->a_doubles[i]; }
static double b_of(const struct differences *d, uint32_t i) { return d->b ? (double)d->b[i] : d->b_doubles[i]; }
static uint64_t ulp_of(const struct differences *d, uint32_t i) { return d->a ? d->ulp[i] : d->wide_ulp[i]; }

/* ---- extremes ---- */

/* Of equal ones the first counts. */
static void note_largest(const struct place *place, const struct differences *d, struct tally *tally) {
  double distance = d->distances.reach;
  uint32_t i;
  if (distance > tally->max_abs || (distance == tally->max_abs && place->first < tally->worst)) {
    for (i = 0; fabs(d->distances.change[i]) != distance;) i++;
    if (distance > tally->max_abs || place->first + i < tally->worst) tally->worst = place->first + i;
    tally->max_abs = distance;
  }
  if (d->max_ulp > tally->max_ulp || (d->max_ulp == tally->max_ulp && place->first < tally->worst_ulp)) {
    for (i = 0; ulp_of(d, i) != d->max_ulp;) i++;
    if (d->max_ulp > tally->max_ulp || place->first + i < tally->worst_ulp) tally->worst_ulp = place->first + i;
    tally->max_ulp = d->max_ulp;
  }
}

static int is_marked(const struct chunk *chunk, uint32_t i) { return chunk->bits[i / 64] >> i % 64 & 1; }

static void note_first(const struct place *place, const struct chunk *chunk, struct tally *tally) {
  uint32_t i = 0;
  if (place->first >= tally->first) return;
  while (!is_marked(chunk, i)) i++;
  if (place->first + i < tally->first) tally->first = place->first + i;
}

/* ---- sums and bins ---- */

/* How many bits numbers have at most, if every change is exact; else 0. */
static uint32_t add_all(const struct place *place, struct chunk *chunk, const void *b, struct tally *tally) {
  const struct differences *d = &chunk->dense.differences;
  struct terms *terms = &chunk->terms;
  struct difference_sums sums = {.change = &tally->change.values, .absolute = &tally->absolute.values};
  if (place->spread) {
    sums.a = d->a ? &terms->sum_a.squares : &terms->square_a.values;
    sums.b = &terms->dense_b;
    sums.both = &terms->product.values;
  }
  int added = dispatch_differences()->add(d, &sums);
  if (added) return added != EXACT ? 0 : d->a ? 24 : 53;
  if (d->a) terms_add(terms, d->a, d->b, CHUNK, place->spread != NULL);
  else terms_add_doubles(terms, d->a_doubles, d->b_doubles, CHUNK, place->spread != NULL);
  if (place->spread) spread_add_block(place->spread, place->pair->element.dtype, b, CHUNK);
  return 0;
}

static void spread_chunk(const struct place *place, struct chunk *chunk) {
  struct differences *d = &chunk->dense.differences;
  struct spread *spread = place->spread;
  dispatch_differences()->count(d, &chunk->terms.bins);
  if (d->least < spread->least_change) spread->least_change = d->least;
  if (d->greatest > spread->greatest_change) spread->greatest_change = d->greatest;
  spread_mark_bits(spread, place->pair->marks, place->first, chunk->bits, CHUNK);
}

/* ---- cases ---- */

/* A chunk with nothing worse than what the lists are full of adds nothing to them. */
static int adds_cases(const struct cases *cases, const struct differences *d, uint32_t differing) {
  uint64_t rank;
  double distance = d->distances.reach;
  memcpy(&rank, &distance, sizeof rank);
  if (differing > d->rising + d->falling && cases->others.n < CANON_MAP_CASES) return 1;
  return d->rising + d->falling && (cases->worst.n < CANON_MAP_CASES || rank >= cases->worst.rank[CANON_MAP_CASES - 1]);
}

static void note_cases(const struct place *place, const void *a, const void *b, struct chunk *chunk,
                       struct tally *tally) {
  const struct differences *d = &chunk->dense.differences;
  uint32_t size = place->pair->element.size;
  for (uint32_t i = 0; i < CHUNK; i++) {
    canon_diff_case item = {.element = place->first + i, .ulp = CANON_NONE};
    uint64_t rank = 0;
    if (!is_marked(chunk, i)) continue;
    item.a_bits = element_load((const uint8_t *)a + (size_t)i * size, size);
    item.b_bits = element_load((const uint8_t *)b + (size_t)i * size, size);
    item.a = a_of(d, i);
    item.b = b_of(d, i);
    if (d->distances.change[i] != 0) {
      item.distance = fabs(d->distances.change[i]);
      item.ulp = ulp_of(d, i);
      memcpy(&rank, &item.distance, sizeof rank);
    }
    cases_add(&tally->cases, rank, &item);
  }
}

static void map_chunk(const struct place *place, const void *a, const void *b, uint32_t differing, struct chunk *chunk,
                      struct tally *tally) {
  for (uint32_t i = 0; i < CHUNK; i++)
    if (is_marked(chunk, i)) map_add(place->pair->map, place->first + i);
  if (adds_cases(&tally->cases, &chunk->dense.differences, differing)) note_cases(place, a, b, chunk, tally);
}

/* ---- checks ---- */

/* As doubles, one after the other. */
static uint32_t settle_slowly(const struct place *place, uint32_t rule, struct chunk *chunk, struct tally *tally) {
  const struct differences *d = &chunk->dense.differences;
  for (uint32_t i = 0; i < CHUNK; i++) {
    chunk->x[i] = a_of(d, i);
    chunk->y[i] = b_of(d, i);
  }
  return verdicts_settle(&tally->verdicts, place->pair->rules, rule, chunk->x, chunk->y, CHUNK, chunk->rest);
}

static void check_chunk(const struct place *place, const uint8_t *a, const uint8_t *b, uint32_t exact_bits,
                        struct chunk *chunk, struct tally *tally) {
  const struct differences *d = &chunk->dense.differences;
  const struct rules *rules = place->pair->rules;
  size_t size = place->pair->element.size;
  for (uint32_t rule = 0; rule < rules->n; rule++) {
    int32_t n = verdicts_settle_all(&tally->verdicts, rules, rule, &d->distances, exact_bits, chunk->rest);
    uint32_t open = n == NOT_SETTLED ? settle_slowly(place, rule, chunk, tally) : (uint32_t)n;
    for (uint32_t k = 0; k < open; k++) {
      uint32_t i = chunk->rest[k];
      check_pair(place, rule, element_load(a + i * size, (uint32_t)size), element_load(b + i * size, (uint32_t)size),
                 a_of(d, i), b_of(d, i), tally);
    }
  }
}

/* ---- all ---- */

static void begin(struct terms *terms) {
  if (terms->dense) return;
  terms->dense = 1;
  terms->dense_b = (struct wide){{0}, 0};
  terms->bins = (struct difference_bins){{{0}}, {{0}}, {{0}}, 0, 0, 0};
}

int look_at_dense(const struct place *place, const void *a, const void *b, uint32_t differing, struct chunk *chunk,
                  struct tally *tally) {
  const struct pair *pair = place->pair;
  struct differences *d = &chunk->dense.differences;
  const struct float_layout *layout = pair->element.layout;
  if (!layout || pair->element.parts != 1 || !layout->sign) return 0;
  set_sides(&chunk->dense, layout, a, b);
  if (!dispatch_differences()->measure(d)) return 0;
  uint32_t moved = d->rising + d->falling;
  if (moved != differing && pair->equal == CANON_EQUAL_VALUES) return 0; /* 0 and -0 do not count there */
  begin(&chunk->terms);
  tally->differing += differing;
  tally->zero_signs += differing - moved;
  tally->rising += d->rising;
  tally->falling += d->falling;
  note_first(place, chunk, tally);
  if (moved) note_largest(place, d, tally);
  uint32_t exact_bits = add_all(place, chunk, b, tally);
  if (place->spread) spread_chunk(place, chunk);
  if (pair->map) map_chunk(place, a, b, differing, chunk, tally);
  check_chunk(place, a, b, exact_bits, chunk, tally);
  return 1;
}
