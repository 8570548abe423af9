/* SPDX-License-Identifier: MIT
 * compare_block.c: a block of two tensors side by side. Blocks with the same bytes cost one memcmp; of the others the
 * parts that differ are gathered, chunk by chunk, and only those are looked at. */
#include <math.h>

#include "core/job/compare.h"
#include "core/numerics/kernels.h"

enum { CHUNK = 1024 }; /* parts; even, so that a complex number stays in one */

/* Parts of a chunk that differ, as bits and as numbers. */
struct chunk {
  uint32_t n;
  uint32_t at[CHUNK];
  uint64_t a[CHUNK], b[CHUNK];
  double x[CHUNK], y[CHUNK];
  uint8_t narrow[2][4 * CHUNK]; /* the bits again, for the cast to double */
  union {
    float f32[2 * CHUNK];
    double f64[2 * CHUNK];
  } absolute, change; /* terms of the two sums */
  uint32_t n_terms;
};

/* Where a chunk lies in its tensor. */
struct place {
  const struct pair *pair;
  struct spread *spread; /* NULL: no statistics */
  uint64_t first;        /* part of the tensor */
};

/* ---- bits ---- */

#define GATHER_IF(TYPE, WANTED)                  \
  do {                                           \
    for (uint32_t i = 0; i < count; i++) {       \
      TYPE x, y;                                 \
      memcpy(&x, (const TYPE *)a + i, sizeof x); \
      memcpy(&y, (const TYPE *)b + i, sizeof y); \
      chunk->at[n] = i;                          \
      chunk->a[n] = x;                           \
      chunk->b[n] = y;                           \
      n += (WANTED);                             \
    }                                            \
  } while (0)
#define GATHER(WANTED)                             \
  do {                                             \
    switch (size) {                                \
      case 1: GATHER_IF(uint8_t, WANTED); break;   \
      case 2: GATHER_IF(uint16_t, WANTED); break;  \
      case 4: GATHER_IF(uint32_t, WANTED); break;  \
      default: GATHER_IF(uint64_t, WANTED); break; \
    }                                              \
  } while (0)

static void gather(struct chunk *chunk, uint32_t size, const void *a, const void *b, uint32_t count) {
  uint32_t n = 0;
  GATHER(x != y);
  chunk->n = n;
}

/* NaN with the same bits too. */
static void gather_nan(struct chunk *chunk, const struct float_layout *layout, const void *a, const void *b,
                       uint32_t count) {
  uint64_t magnitude = ~layout->sign, top = layout->infinity ? layout->infinity : layout->largest, nan = layout->nan;
  uint32_t n = 0, size = layout->size;
  GATHER(x != y || (x & magnitude) > top || x == nan);
  chunk->n = n;
}

/* Element that a part of the tensor belongs to. */
static uint64_t element_at(const struct place *place, uint32_t part) {
  return (place->first + part) >> (place->pair->element.parts - 1); /* one part or two */
}

static void note_differing(const struct place *place, uint32_t part, uint64_t *last, struct tally *tally) {
  uint64_t element = element_at(place, part);
  if (element == *last) return; /* the other part of a complex number */
  *last = element;
  tally->differing++;
  if (element < tally->first) tally->first = element;
  if (place->pair->map) map_add(place->pair->map, element);
  if (place->spread) spread_mark(place->spread, place->pair->marks, element);
}

/* ---- floats ---- */

static double f32_of(uint64_t code) {
  uint32_t bits = (uint32_t)code;
  float value;
  memcpy(&value, &bits, sizeof value);
  return (double)value;
}

static void to_double(struct chunk *chunk, uint32_t dtype, uint32_t size) {
  const uint64_t *codes[2] = {chunk->a, chunk->b};
  double *values[2] = {chunk->x, chunk->y};
  canon_cast_report report = {.struct_size = sizeof report, .refused = CANON_NONE};
  for (int side = 0; side < 2; side++) {
    if (size == 8) {
      memcpy(values[side], codes[side], chunk->n * sizeof *values[side]);
      continue;
    }
    if (dtype == CANON_F32) {
      for (uint32_t i = 0; i < chunk->n; i++) values[side][i] = f32_of(codes[side][i]);
      continue;
    }
    for (uint32_t i = 0; i < chunk->n; i++) element_store(chunk->narrow[side] + (size_t)i * size, size, codes[side][i]);
    dispatch_cast(dtype, CANON_F64)(dtype, CANON_F64, 0, chunk->narrow[side], values[side], chunk->n, &report);
  }
}

/* The number's place among all numbers of the type, from the most negative one up; 0 and -0 are one. */
static int64_t rank_of(const struct float_layout *layout, uint64_t code) {
  int64_t magnitude = (int64_t)(code & ~layout->sign);
  return code & layout->sign ? -magnitude : magnitude;
}

static uint64_t ulp_between(const struct float_layout *layout, uint64_t a, uint64_t b) {
  int64_t p = rank_of(layout, a), q = rank_of(layout, b);
  return p > q ? (uint64_t)p - (uint64_t)q : (uint64_t)q - (uint64_t)p;
}

static void add_terms(struct chunk *chunk, uint32_t i, int is_double) {
  double x = chunk->x[i], y = chunk->y[i];
  double above = x > y ? x : y, below = x > y ? y : x;
  uint32_t n = chunk->n_terms;
  if (is_double) {
    chunk->absolute.f64[n] = above, chunk->absolute.f64[n + 1] = -below;
    chunk->change.f64[n] = y, chunk->change.f64[n + 1] = -x;
  } else {
    chunk->absolute.f32[n] = (float)above, chunk->absolute.f32[n + 1] = -(float)below;
    chunk->change.f32[n] = (float)y, chunk->change.f32[n + 1] = -(float)x;
  }
  chunk->n_terms = n + 2;
}

static canon_diff_case case_of(const struct place *place, const struct chunk *chunk, uint32_t i) {
  return (canon_diff_case){.element = element_at(place, chunk->at[i]),
                           .part = (uint32_t)((place->first + chunk->at[i]) % place->pair->element.parts),
                           .a_bits = chunk->a[i],
                           .b_bits = chunk->b[i],
                           .ulp = CANON_NONE};
}

/* Distances are not negative, so their bits are in their order. */
static void note_float(const struct place *place, const struct chunk *chunk, uint32_t i, struct cases *cases) {
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

static void note_whole(const struct place *place, const struct chunk *chunk, uint32_t i, uint64_t distance,
                       struct cases *cases) {
  canon_diff_case item = case_of(place, chunk, i);
  item.distance = (double)distance;
  cases_add(cases, distance, &item);
}

/* Two finite numbers of other values. */
static void measure_floats(const struct place *place, struct chunk *chunk, uint32_t i, struct tally *tally) {
  const struct float_layout *layout = place->pair->element.layout;
  uint64_t element = element_at(place, chunk->at[i]);
  uint64_t ulp = ulp_between(layout, chunk->a[i], chunk->b[i]);
  double difference = fabs(chunk->x[i] - chunk->y[i]);
  tally->rising += chunk->y[i] > chunk->x[i];
  tally->falling += chunk->y[i] < chunk->x[i];
  if (difference > tally->max_abs || (difference == tally->max_abs && element < tally->worst)) {
    tally->max_abs = difference;
    tally->worst = element;
  }
  if (ulp > tally->max_ulp || (ulp == tally->max_ulp && element < tally->worst_ulp)) {
    tally->max_ulp = ulp;
    tally->worst_ulp = element;
  }
  add_terms(chunk, i, layout->dtype == CANON_F64);
}

static void look_at_floats(const struct place *place, struct chunk *chunk, struct tally *tally) {
  const struct float_layout *layout = place->pair->element.layout;
  int as_values = place->pair->equal == CANON_EQUAL_VALUES;
  uint64_t last = CANON_NONE;
  to_double(chunk, layout->dtype, layout->size);
  chunk->n_terms = 0;
  for (uint32_t i = 0; i < chunk->n; i++) {
    int a_nan = isnan(chunk->x[i]) != 0, b_nan = isnan(chunk->y[i]) != 0;
    int is_zero_sign = !a_nan && !b_nan && chunk->x[i] == chunk->y[i];
    if (a_nan && b_nan) *(chunk->a[i] == chunk->b[i] ? &tally->nan_pairs : &tally->nan_bits) += 1;
    else if (a_nan) tally->nan++, tally->nan_a++;
    else if (b_nan) tally->nan++, tally->nan_b++;
    else if (is_zero_sign) tally->zero_signs++;
    else if (isinf(chunk->x[i]) || isinf(chunk->y[i])) tally->infinite++;
    else measure_floats(place, chunk, i, tally);
    if (as_values ? is_zero_sign : chunk->a[i] == chunk->b[i]) continue;
    note_differing(place, chunk->at[i], &last, tally);
    if (place->pair->map) note_float(place, chunk, i, &tally->cases);
  }
  const void *absolute = &chunk->absolute, *change = &chunk->change;
  uint32_t dtype = layout->dtype == CANON_F64 ? CANON_F64 : CANON_F32;
  if (!chunk->n_terms) return;
  dispatch_sums(dtype)(&tally->absolute, dtype, absolute, chunk->n_terms);
  dispatch_sums(dtype)(&tally->change, dtype, change, chunk->n_terms);
}

/* ---- integers and bits ---- */

/* Two's complement with 64 bits; of unsigned ones the bits. */
static uint64_t widened(const struct element *element, uint64_t code) {
  uint32_t unused = 64 - 8 * element->size;
  int negative = element->kind == CANON_KIND_INT && code >> (8 * element->size - 1) & 1;
  return negative && unused ? code | ~UINT64_C(0) << (64 - unused) : code;
}

static int is_below(const struct element *element, uint64_t x, uint64_t y) {
  return element->kind == CANON_KIND_INT ? (int64_t)x < (int64_t)y : x < y;
}

static void look_at_integers(const struct place *place, struct chunk *chunk, struct tally *tally) {
  const struct element *element = &place->pair->element;
  uint64_t last = CANON_NONE;
  for (uint32_t i = 0; i < chunk->n; i++) {
    uint64_t x = widened(element, chunk->a[i]), y = widened(element, chunk->b[i]);
    uint64_t at = element_at(place, chunk->at[i]);
    if (element->kind == CANON_KIND_BOOL) x = x != 0, y = y != 0;
    if (x == y && place->pair->equal == CANON_EQUAL_VALUES) continue;
    note_differing(place, chunk->at[i], &last, tally);
    int rises = is_below(element, x, y);
    uint64_t difference = rises ? y - x : x - y;
    if (place->pair->map) note_whole(place, chunk, i, difference, &tally->cases);
    if (x == y) continue;
    if (rises) tally->rising++;
    else tally->falling++;
    if (difference > tally->max_whole || (difference == tally->max_whole && at < tally->worst)) {
      tally->max_whole = difference;
      tally->worst = at;
    }
    wide_add(&tally->absolute.values, 0, difference, 0);
    wide_add(&tally->change.values, !rises, difference, 0);
  }
}

static void look_at_bits(const struct place *place, struct chunk *chunk, struct tally *tally) {
  uint64_t last = CANON_NONE;
  for (uint32_t i = 0; i < chunk->n; i++) {
    note_differing(place, chunk->at[i], &last, tally);
    if (place->pair->map) note_whole(place, chunk, i, 0, &tally->cases);
  }
}

/* ---- checks ---- */

static struct operand operand_of(const struct element *element, uint64_t code, double value) {
  struct operand operand = {.value = value, .is_negative = value < 0};
  if (element->layout) return operand;
  uint64_t whole = widened(element, code);
  operand.is_whole = 1;
  operand.is_negative = element->kind == CANON_KIND_INT && whole >> 63;
  operand.magnitude = element->kind == CANON_KIND_BOOL ? whole != 0 : operand.is_negative ? ~whole + 1 : whole;
  operand.value = operand.is_negative ? -(double)operand.magnitude : (double)operand.magnitude;
  return operand;
}

static enum relation relation_of(const struct element *element, uint64_t a, uint64_t b, double x, double y) {
  if (!element->layout)
    return a == b ? RELATION_EQUAL : element->kind == CANON_KIND_RAW ? RELATION_HOPELESS : RELATION_UNEQUAL;
  if (isnan(x) || isnan(y)) return isnan(x) && isnan(y) ? RELATION_BOTH_NAN : RELATION_HOPELESS;
  if (x == y) return RELATION_EQUAL;
  return isinf(x) || isinf(y) ? RELATION_HOPELESS : RELATION_UNEQUAL;
}

static void set_part(struct comparand *c, uint32_t part, const struct element *element, uint64_t a, uint64_t b,
                     double x, double y) {
  c->relation[part] = relation_of(element, a, b, x, y);
  c->ulp[part] = element->layout ? ulp_between(element->layout, a, b) : CANON_NONE;
  c->couple.a[part] = operand_of(element, a, x);
  c->couple.b[part] = operand_of(element, b, y);
}

/* The other part of a complex number may not be among those that differ. */
static void set_number(struct comparand *c, const struct element *element, const uint8_t *a, const uint8_t *b) {
  canon_cast_report report = {.struct_size = sizeof report, .refused = CANON_NONE};
  double x[2], y[2];
  dispatch_cast(element->dtype, CANON_F64)(element->dtype, CANON_F64, 0, a, x, 2, &report);
  dispatch_cast(element->dtype, CANON_F64)(element->dtype, CANON_F64, 0, b, y, 2, &report);
  for (uint32_t i = 0; i < 2; i++)
    set_part(c, i, element, element_load(a + (size_t)i * element->size, element->size),
             element_load(b + (size_t)i * element->size, element->size), x[i], y[i]);
}

/* Two numbers so near that they change nothing of what the exact rule knows, the only one there is: most of them. */
static int is_settled(const struct verdict *verdict, double x, double y) {
  static const double tiny = 0x1p-900, huge = 0x1p900, slack = 0x1p-48;
  double distance = fabs(x - y), limit = verdict->least_rtol * fabs(y) * (1 - slack);
  return distance < huge && distance < verdict->least_atol && limit > tiny && distance < limit;
}

static void check_chunk(const struct place *place, const uint8_t *a, const uint8_t *b, const struct chunk *chunk,
                        struct tally *tally) {
  const struct element *element = &place->pair->element;
  struct comparand comparand = {.couple = {.parts = element->parts}};
  uint32_t last = UINT32_MAX;
  int may_settle = place->pair->rules->n == 1 && !place->spread && element->layout && element->parts == 1;
  if (!place->pair->rules->n) return;
  for (uint32_t i = 0; i < chunk->n; i++) {
    uint32_t at = chunk->at[i] >> (element->parts - 1);
    size_t offset = (size_t)at * element->parts * element->size;
    if (at == last || (may_settle && is_settled(&tally->verdicts.items[0], chunk->x[i], chunk->y[i]))) continue;
    last = at;
    if (element->parts == 2) set_number(&comparand, element, a + offset, b + offset);
    else set_part(&comparand, 0, element, chunk->a[i], chunk->b[i], chunk->x[i], chunk->y[i]);
    verdicts_add(&tally->verdicts, place->pair->rules, &comparand);
    if (place->spread) spread_add(place->spread, element->dtype, &comparand);
  }
}

/* ---- blocks ---- */

static int looks_for_nan(const struct pair *pair) { return pair->equal == CANON_EQUAL_VALUES || pair->rules->need_nan; }

static void compare_chunk(const struct place *place, const void *a, const void *b, uint32_t count, struct chunk *chunk,
                          struct tally *tally) {
  const struct element *element = &place->pair->element;
  if (element->layout && looks_for_nan(place->pair)) gather_nan(chunk, element->layout, a, b, count);
  else if (memcmp(a, b, (size_t)count * element->size) == 0) return;
  else gather(chunk, element->size, a, b, count);
  if (element->layout) look_at_floats(place, chunk, tally);
  else if (element->kind == CANON_KIND_RAW) look_at_bits(place, chunk, tally);
  else look_at_integers(place, chunk, tally);
  check_chunk(place, a, b, chunk, tally);
}

uint64_t compare_scratch(void) { return sizeof(struct chunk); }

void compare_block(const struct pair *pair, const void *a, const void *b, uint64_t first, uint64_t count, void *scratch,
                   struct tally *tally, struct spread *spread) {
  const struct element *element = &pair->element;
  uint64_t parts = count * element->parts;
  int bits_decide = !element->layout || !looks_for_nan(pair);
  if (spread && element->kind != CANON_KIND_RAW) spread_add_block(spread, element->dtype, b, parts);
  if (bits_decide && memcmp(a, b, parts * element->size) == 0) return;
  for (uint64_t i = 0; i < parts; i += CHUNK) {
    struct place place = {pair, spread, first * element->parts + i};
    uint64_t offset = i * element->size;
    uint32_t n = parts - i < CHUNK ? (uint32_t)(parts - i) : CHUNK;
    compare_chunk(&place, (const uint8_t *)a + offset, (const uint8_t *)b + offset, n, scratch, tally);
  }
  if (spread) spread_flush(spread);
}

/* ---- tallies ---- */

static const struct {
  uint32_t dtype, part;
} complex_parts[] = {{CANON_C32, CANON_F16}, {CANON_C64, CANON_F32}, {CANON_C128, CANON_F64}, {CANON_BC32, CANON_BF16}};

struct element element_of(uint32_t dtype) {
  struct element element = {.dtype = dtype, .parts = 1};
  for (size_t i = 0; i < sizeof complex_parts / sizeof *complex_parts; i++)
    if (complex_parts[i].dtype == dtype) element.dtype = complex_parts[i].part, element.parts = 2;
  element.size = canon_dtype_size(element.dtype);
  element.kind = canon_dtype_kind(element.dtype);
  element.layout = float_layout(element.dtype);
  return element;
}

void tally_init(struct tally *tally) {
  *tally = (struct tally){.first = CANON_NONE, .worst = CANON_NONE, .worst_ulp = CANON_NONE};
  tally->absolute.kinds = tally->change.kinds = CANON_SUMS_VALUES;
}

void tally_merge(struct tally *into, const struct tally *from, const struct rules *rules) {
  if (from->first < into->first) into->first = from->first;
  if (from->max_abs > into->max_abs || from->max_whole > into->max_whole ||
      (from->max_abs == into->max_abs && from->max_whole == into->max_whole && from->worst < into->worst)) {
    into->max_abs = from->max_abs;
    into->max_whole = from->max_whole;
    into->worst = from->worst;
  }
  if (from->max_ulp > into->max_ulp || (from->max_ulp == into->max_ulp && from->worst_ulp < into->worst_ulp)) {
    into->max_ulp = from->max_ulp;
    into->worst_ulp = from->worst_ulp;
  }
  into->differing += from->differing;
  into->rising += from->rising;
  into->falling += from->falling;
  into->nan += from->nan;
  into->nan_a += from->nan_a;
  into->nan_b += from->nan_b;
  into->infinite += from->infinite;
  into->zero_signs += from->zero_signs;
  into->nan_bits += from->nan_bits;
  into->nan_pairs += from->nan_pairs;
  verdicts_merge(&into->verdicts, &from->verdicts, rules);
  cases_merge(&into->cases, &from->cases);
  if (!from->rising && !from->falling) return;
  wide_merge(&into->absolute.values, &from->absolute.values);
  wide_merge(&into->change.values, &from->change.values);
}
