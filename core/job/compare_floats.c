/* SPDX-License-Identifier: MIT
 * compare_floats.c: floats of a chunk that differ. Where all are finite and of other values, as nearly everywhere, they
 * go through loops over arrays; else one after the other. */
#include <math.h>

#include "core/job/compare_chunk.h"
#include "core/numerics/kernels.h"

/* ---- numbers ---- */

static void to_singles(const struct float_layout *layout, struct chunk *chunk, const uint64_t *codes, float *values) {
  canon_cast_report report = {.struct_size = sizeof report, .refused = CANON_NONE};
  if (layout->dtype == CANON_F32) {
    for (uint32_t i = 0; i < chunk->n; i++) {
      uint32_t bits = (uint32_t)codes[i];
      memcpy(&values[i], &bits, sizeof bits);
    }
    return;
  }
  for (uint32_t i = 0; i < chunk->n; i++)
    element_store(chunk->narrow + (size_t)i * layout->size, layout->size, codes[i]);
  dispatch_cast(layout->dtype, CANON_F32)(layout->dtype, CANON_F32, 0, chunk->narrow, values, chunk->n, &report);
}

/* Every number of at most 32 bits is one of f32. */
static void to_doubles(const struct float_layout *layout, struct chunk *chunk) {
  if (layout->dtype == CANON_F64) {
    memcpy(chunk->x, chunk->a, chunk->n * sizeof *chunk->x);
    memcpy(chunk->y, chunk->b, chunk->n * sizeof *chunk->y);
    return;
  }
  to_singles(layout, chunk, chunk->a, chunk->x_single);
  to_singles(layout, chunk, chunk->b, chunk->y_single);
  for (uint32_t i = 0; i < chunk->n; i++) {
    chunk->x[i] = (double)chunk->x_single[i];
    chunk->y[i] = (double)chunk->y_single[i];
  }
}

/* ---- sums ---- */

void terms_begin(struct terms *terms, int is_double, int with_squares) {
  uint32_t kinds = with_squares && !is_double ? CANON_SUMS_VALUES | CANON_SUMS_SQUARES : CANON_SUMS_VALUES;
  terms->n = 0;
  terms->dense = 0;
  terms->sum_a = terms->sum_b = (struct sums){.kinds = kinds};
  terms->sum_above = terms->square_a = terms->square_b = terms->product = (struct sums){.kinds = CANON_SUMS_VALUES};
}

static void flush(struct terms *terms, int is_double, int with_products) {
  uint32_t dtype = is_double ? CANON_F64 : CANON_F32;
  sums_kernel *sums = dispatch_sums(dtype);
  sums(&terms->sum_a, dtype, &terms->a, terms->n);
  sums(&terms->sum_b, dtype, &terms->b, terms->n);
  sums(&terms->sum_above, dtype, &terms->above, terms->n);
  if (with_products && is_double) {
    products_kernel *products = dispatch_products(dtype);
    products(&terms->square_a, dtype, &terms->a, &terms->a, terms->n);
    products(&terms->square_b, dtype, &terms->b, &terms->b, terms->n);
    products(&terms->product, dtype, &terms->a, &terms->b, terms->n);
  } else if (with_products) {
    dispatch_sums(CANON_F64)(&terms->product, CANON_F64, terms->both, terms->n);
  }
  terms->n = 0;
}

void terms_end(struct terms *terms, int is_double, struct tally *tally, struct spread *spread) {
  if (!tally->rising && !tally->falling && !terms->dense) return;
  if (terms->n) flush(terms, is_double, spread != NULL);
  wide_merge(&tally->change.values, &terms->sum_b.values);
  wide_subtract(&tally->change.values, &terms->sum_a.values);
  wide_merge(&tally->absolute.values, &terms->sum_above.values);
  wide_merge(&tally->absolute.values, &terms->sum_above.values);
  wide_subtract(&tally->absolute.values, &terms->sum_a.values);
  wide_subtract(&tally->absolute.values, &terms->sum_b.values);
  if (!spread) return;
  wide_merge(&spread->a, is_double ? &terms->square_a.values : &terms->sum_a.squares);
  wide_merge(&spread->b, is_double ? &terms->square_b.values : &terms->sum_b.squares);
  wide_merge(&spread->both, &terms->product.values);
  if (!terms->dense) return;
  wide_merge(&spread->b, &terms->dense_b);
  wide_merge(&spread->all.squares, &terms->dense_b);
  spread_add_bins(spread, &terms->bins);
}

void terms_add(struct terms *terms, const float *a, const float *b, uint32_t n, int with_products) {
  if (terms->n + n > WAITING) flush(terms, 0, with_products);
  uint32_t at = terms->n;
  memcpy(terms->a.f32 + at, a, n * sizeof *a);
  memcpy(terms->b.f32 + at, b, n * sizeof *b);
  for (uint32_t k = 0; k < n; k++) terms->above.f32[at + k] = a[k] > b[k] ? a[k] : b[k];
  if (with_products)
    for (uint32_t k = 0; k < n; k++) terms->both[at + k] = (double)a[k] * (double)b[k];
  terms->n = at + n;
}

void terms_add_doubles(struct terms *terms, const double *a, const double *b, uint32_t n, int with_products) {
  if (terms->n + n > WAITING) flush(terms, 1, with_products);
  uint32_t at = terms->n;
  memcpy(terms->a.f64 + at, a, n * sizeof *a);
  memcpy(terms->b.f64 + at, b, n * sizeof *b);
  for (uint32_t k = 0; k < n; k++) terms->above.f64[at + k] = a[k] > b[k] ? a[k] : b[k];
  terms->n = at + n;
}

/* n pairs of the chunk from the i-th on. */
static void add_terms(const struct place *place, struct chunk *chunk, uint32_t i, uint32_t n) {
  int with_products = place->spread != NULL;
  if (place->pair->element.dtype == CANON_F64)
    terms_add_doubles(&chunk->terms, chunk->x + i, chunk->y + i, n, with_products);
  else terms_add(&chunk->terms, chunk->x_single + i, chunk->y_single + i, n, with_products);
}

/* ---- pairs of finite numbers of other values ---- */

static void set_changes(const struct float_layout *layout, struct chunk *chunk) {
  for (uint32_t i = 0; i < chunk->n; i++) {
    chunk->change[i] = chunk->y[i] - chunk->x[i];
    chunk->ulp[i] = ulp_between(layout, chunk->a[i], chunk->b[i]);
  }
}

struct extremes {
  double largest, smallest; /* distances */
  uint64_t ulp;
  int all_finite;
};

static struct extremes extremes_of(const double *change, const uint64_t *ulp, uint32_t n) {
  double largest = 0, smallest = HUGE_VAL, zero = 0; /* NaN, as soon as a change is NaN or infinite */
  uint64_t largest_ulp = 0;
  for (uint32_t i = 0; i < n; i++) {
    double distance = fabs(change[i]);
    zero += distance - distance;
    largest = distance > largest ? distance : largest;
    smallest = distance < smallest ? distance : smallest;
    largest_ulp = ulp[i] > largest_ulp ? ulp[i] : largest_ulp;
  }
  return (struct extremes){largest, smallest, largest_ulp, zero == 0};
}

/* Of equal ones the first counts. */
static void note_largest(const struct place *place, const struct chunk *chunk, uint32_t from,
                         const struct extremes *extremes, struct tally *tally) {
  double distance = extremes->largest;
  uint64_t ulp = extremes->ulp, first = element_at(place, chunk->at[from]);
  uint32_t i;
  if (distance > tally->max_abs || (distance == tally->max_abs && first < tally->worst)) {
    for (i = from; fabs(chunk->change[i]) != distance;) i++;
    uint64_t element = element_at(place, chunk->at[i]);
    if (distance > tally->max_abs || element < tally->worst) tally->worst = element;
    tally->max_abs = distance;
  }
  if (ulp > tally->max_ulp || (ulp == tally->max_ulp && first < tally->worst_ulp)) {
    for (i = from; chunk->ulp[i] != ulp;) i++;
    uint64_t element = element_at(place, chunk->at[i]);
    if (ulp > tally->max_ulp || element < tally->worst_ulp) tally->worst_ulp = element;
    tally->max_ulp = ulp;
  }
}

/* n pairs of the chunk. */
static void measure(const struct place *place, struct chunk *chunk, uint32_t from, uint32_t n,
                    const struct extremes *extremes, struct tally *tally) {
  const double *x = chunk->x, *y = chunk->y;
  uint32_t rising = 0;
  for (uint32_t i = from; i < from + n; i++) rising += y[i] > x[i];
  tally->rising += rising;
  tally->falling += n - rising;
  note_largest(place, chunk, from, extremes, tally);
  add_terms(place, chunk, from, n);
  if (place->spread) spread_add_floats(place->spread, chunk->change + from, y + from, chunk->ulp + from, n);
}

/* Distances are not negative, so their bits are in their order. */
static void note_case(const struct place *place, const struct chunk *chunk, uint32_t i, struct cases *cases) {
  canon_diff_case item = case_of(place, chunk, i);
  uint64_t rank = 0;
  item.a = chunk->x[i];
  item.b = chunk->y[i];
  if (isfinite(item.a) && isfinite(item.b) && item.a != item.b) {
    item.distance = fabs(item.a - item.b);
    item.ulp = ulp_between(place->pair->element.layout, item.a_bits, item.b_bits);
    memcpy(&rank, &item.distance, sizeof rank);
  }
  cases_add(cases, rank, &item);
}

/* ---- all ---- */

/* Whether the pair counts as differing. */
static int look_at_one(const struct place *place, struct chunk *chunk, uint32_t i, struct tally *tally) {
  double x = chunk->x[i], y = chunk->y[i];
  int a_nan = isnan(x) != 0, b_nan = isnan(y) != 0, is_zero_sign = x == y;
  if (isfinite(x) && isfinite(y) && x != y) {
    double distance = fabs(chunk->change[i]);
    measure(place, chunk, i, 1, &(struct extremes){distance, distance, chunk->ulp[i], 1}, tally);
    return 1;
  }
  if (a_nan && b_nan) *(chunk->a[i] == chunk->b[i] ? &tally->nan_pairs : &tally->nan_bits) += 1;
  else if (a_nan) tally->nan++, tally->nan_a++;
  else if (b_nan) tally->nan++, tally->nan_b++;
  else if (is_zero_sign) tally->zero_signs++;
  else tally->infinite++;
  if (place->spread && !isfinite(x) && isfinite(y)) spread_exclude(place->spread, y);
  return place->pair->equal == CANON_EQUAL_VALUES ? !is_zero_sign : chunk->a[i] != chunk->b[i];
}

static void look_at_each(const struct place *place, struct chunk *chunk, struct tally *tally) {
  uint64_t last = CANON_NONE;
  for (uint32_t i = 0; i < chunk->n; i++) {
    if (!look_at_one(place, chunk, i, tally)) continue;
    note_differing(place, chunk->at[i], &last, tally);
    if (place->pair->map) note_case(place, chunk, i, &tally->cases);
  }
}

void look_at_floats(const struct place *place, struct chunk *chunk, struct tally *tally) {
  to_doubles(place->pair->element.layout, chunk);
  if (!chunk->n) return;
  set_changes(place->pair->element.layout, chunk);
  struct extremes extremes = extremes_of(chunk->change, chunk->ulp, chunk->n);
  if (place->pair->element.parts != 1 || !extremes.all_finite || extremes.smallest == 0) {
    look_at_each(place, chunk, tally);
    return;
  }
  measure(place, chunk, 0, chunk->n, &extremes, tally);
  tally->differing += chunk->n;
  if (place->first + chunk->at[0] < tally->first) tally->first = place->first + chunk->at[0];
  for (uint32_t i = 0; place->pair->map && i < chunk->n; i++) {
    map_add(place->pair->map, place->first + chunk->at[i]);
    note_case(place, chunk, i, &tally->cases);
  }
  if (place->spread) spread_mark_all(place->spread, place->pair->marks, place->first, chunk->at, chunk->n);
}
