/* SPDX-License-Identifier: MIT
 * compare_block.c: a block of two tensors side by side. Blocks with the same bytes cost one memcmp; of the others the
 * parts that differ are gathered, chunk by chunk, and only those are looked at. */
#include <math.h>

#include "core/job/compare_chunk.h"
#include "core/numerics/kernels.h"

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

void note_differing(const struct place *place, uint32_t part, uint64_t *last, struct tally *tally) {
  uint64_t element = element_at(place, part);
  if (element == *last) return; /* the other part of a complex number */
  *last = element;
  tally->differing++;
  if (element < tally->first) tally->first = element;
  if (place->pair->map) map_add(place->pair->map, element);
  if (place->spread) spread_mark(place->spread, place->pair->marks, element);
}

canon_diff_case case_of(const struct place *place, const struct chunk *chunk, uint32_t i) {
  return (canon_diff_case){.element = element_at(place, chunk->at[i]),
                           .part = (uint32_t)((place->first + chunk->at[i]) % place->pair->element.parts),
                           .a_bits = chunk->a[i],
                           .b_bits = chunk->b[i],
                           .ulp = CANON_NONE};
}

static void note_whole(const struct place *place, const struct chunk *chunk, uint32_t i, uint64_t distance,
                       struct cases *cases) {
  canon_diff_case item = case_of(place, chunk, i);
  item.distance = (double)distance;
  cases_add(cases, distance, &item);
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

/* Floats of one part: most of them need no closer look. */
static void check_floats(const struct place *place, struct chunk *chunk, struct tally *tally) {
  const struct rules *rules = place->pair->rules;
  struct comparand comparand = {.couple = {.parts = 1}};
  for (uint32_t rule = 0; rule < rules->n; rule++) {
    uint32_t n = verdicts_settle(&tally->verdicts, rules, rule, chunk->x, chunk->y, chunk->n, chunk->rest);
    for (uint32_t k = 0; k < n; k++) {
      uint32_t i = chunk->rest[k];
      set_part(&comparand, 0, &place->pair->element, chunk->a[i], chunk->b[i], chunk->x[i], chunk->y[i]);
      verdicts_add_to(&tally->verdicts, rules, rule, &comparand);
    }
  }
}

static void check_numbers(const struct place *place, const uint8_t *a, const uint8_t *b, const struct chunk *chunk,
                          struct tally *tally) {
  const struct element *element = &place->pair->element;
  struct comparand comparand = {.couple = {.parts = element->parts}};
  uint32_t last = UINT32_MAX;
  for (uint32_t i = 0; i < chunk->n; i++) {
    uint32_t at = chunk->at[i] >> (element->parts - 1);
    size_t offset = (size_t)at * element->parts * element->size;
    if (at == last) continue;
    last = at;
    if (element->parts == 2) set_number(&comparand, element, a + offset, b + offset);
    else set_part(&comparand, 0, element, chunk->a[i], chunk->b[i], chunk->x[i], chunk->y[i]);
    verdicts_add(&tally->verdicts, place->pair->rules, &comparand);
    if (place->spread && !element->layout) spread_add(place->spread, &comparand);
  }
}

static void check_chunk(const struct place *place, const uint8_t *a, const uint8_t *b, struct chunk *chunk,
                        struct tally *tally) {
  const struct element *element = &place->pair->element;
  if (!place->pair->rules->n) return;
  if (element->layout && element->parts == 1) check_floats(place, chunk, tally);
  else check_numbers(place, a, b, chunk, tally);
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
  struct terms *terms = &((struct chunk *)scratch)->terms;
  int bits_decide = !element->layout || !looks_for_nan(pair);
  if (spread && element->kind != CANON_KIND_RAW) spread_add_block(spread, element->dtype, b, parts);
  if (bits_decide && memcmp(a, b, parts * element->size) == 0) return;
  terms_begin(terms, spread != NULL);
  for (uint64_t i = 0; i < parts; i += CHUNK) {
    struct place place = {pair, spread, first * element->parts + i};
    uint64_t offset = i * element->size;
    uint32_t n = parts - i < CHUNK ? (uint32_t)(parts - i) : CHUNK;
    compare_chunk(&place, (const uint8_t *)a + offset, (const uint8_t *)b + offset, n, scratch, tally);
  }
  if (element->layout) terms_end(terms, element->dtype == CANON_F64, tally, spread);
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
