/* SPDX-License-Identifier: MIT
 * compare_block.c: a block of two tensors side by side. Blocks with the same bytes cost one memcmp; of the others the
 * parts that differ are gathered, chunk by chunk, and only those are looked at; where many do, the whole chunk. */
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

/* Place of the lowest bit that is set: a de Bruijn sequence times a power of two has a number of its own at the top. */
static uint32_t lowest_bit(uint64_t word) {
  static const uint8_t place[64] = {0,  1,  2,  53, 3,  7,  54, 27, 4,  38, 41, 8,  34, 55, 48, 28,
                                    62, 5,  39, 46, 44, 42, 22, 9,  24, 35, 59, 56, 49, 18, 29, 11,
                                    63, 52, 6,  26, 37, 40, 33, 47, 61, 45, 43, 21, 23, 58, 17, 10,
                                    51, 25, 36, 32, 60, 20, 57, 16, 50, 31, 19, 15, 30, 14, 13, 12};
  return place[(word & (~word + 1)) * UINT64_C(0x022FDD63CC95386D) >> 58];
}

/* Those of a whole chunk whose bits are set. */
static void gather_marked(struct chunk *chunk, uint32_t size, const uint8_t *a, const uint8_t *b) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < CHUNK / 64; i++)
    for (uint64_t word = chunk->bits[i]; word; word &= word - 1, n++) {
      uint32_t at = 64 * i + lowest_bit(word);
      chunk->at[n] = at;
      chunk->a[n] = element_load(a + (size_t)at * size, size);
      chunk->b[n] = element_load(b + (size_t)at * size, size);
    }
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

void check_pair(const struct place *place, uint32_t rule, uint64_t a, uint64_t b, double x, double y,
                struct tally *tally) {
  struct comparand comparand = {.couple = {.parts = 1}};
  set_part(&comparand, 0, &place->pair->element, a, b, x, y);
  verdicts_add_to(&tally->verdicts, place->pair->rules, rule, &comparand);
}

enum { MANY = 64 }; /* worth while for kernels */

/* Floats of one part: most of them need no closer look. */
static void check_floats(const struct place *place, struct chunk *chunk, struct tally *tally) {
  const struct rules *rules = place->pair->rules;
  const struct differences_kernels *kernels = dispatch_differences();
  struct distances *distances = &chunk->dense.differences.distances;
  int related = kernels && chunk->n >= MANY && kernels->relate(chunk->x, chunk->y, chunk->n, distances);
  for (uint32_t rule = 0; rule < rules->n; rule++) {
    int32_t settled = NOT_SETTLED;
    if (related) settled = verdicts_settle_all(&tally->verdicts, rules, rule, distances, 0, chunk->rest);
    uint32_t n = (uint32_t)settled;
    if (settled == NOT_SETTLED)
      n = verdicts_settle(&tally->verdicts, rules, rule, chunk->x, chunk->y, chunk->n, chunk->rest);
    for (uint32_t k = 0; k < n; k++) {
      uint32_t i = chunk->rest[k];
      check_pair(place, rule, chunk->a[i], chunk->b[i], chunk->x[i], chunk->y[i], tally);
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

enum { DENSE = 16 }; /* where more than one in so many differs, it is not worth while to gather them */

static int looks_for_nan(const struct pair *pair) { return pair->equal == CANON_EQUAL_VALUES || pair->rules->need_nan; }

/* By kernels, where NaN can be told from other numbers by their size. -1: not. */
static int64_t mark_chunk(const struct pair *pair, const void *a, const void *b, uint32_t count, struct chunk *chunk) {
  const struct differences_kernels *kernels = dispatch_differences();
  const struct element *element = &pair->element;
  const struct float_layout *layout = element->layout;
  uint64_t magnitude = UINT64_MAX, top = UINT64_MAX;
  if (!kernels || count != CHUNK) return -1;
  if (layout && looks_for_nan(pair)) {
    magnitude = ~layout->sign;
    top = layout->infinity ? layout->infinity : layout->largest;
    if ((layout->nan & magnitude) <= top) return -1;
  }
  chunk->bits[CHUNK / 64] = 0;
  return kernels->mark(element->size, a, b, magnitude, top, chunk->bits);
}

/* Those that differ; 0: none does. */
static int gather_chunk(const struct pair *pair, const void *a, const void *b, uint32_t count, int64_t marked,
                        struct chunk *chunk) {
  const struct element *element = &pair->element;
  if (marked >= 0) gather_marked(chunk, element->size, a, b);
  else if (element->layout && looks_for_nan(pair)) gather_nan(chunk, element->layout, a, b, count);
  else if (memcmp(a, b, (size_t)count * element->size) == 0) return 0;
  else gather(chunk, element->size, a, b, count);
  return chunk->n != 0;
}

/* 1: with the squares of b. */
static int compare_chunk(const struct place *place, const void *a, const void *b, uint32_t count, struct chunk *chunk,
                         struct tally *tally) {
  const struct element *element = &place->pair->element;
  int64_t marked = mark_chunk(place->pair, a, b, count, chunk);
  if (marked == 0) return 0;
  if (marked > CHUNK / DENSE && look_at_dense(place, a, b, (uint32_t)marked, chunk, tally)) return 1;
  if (!gather_chunk(place->pair, a, b, count, marked, chunk)) return 0;
  if (element->layout) look_at_floats(place, chunk, tally);
  else if (element->kind == CANON_KIND_RAW) look_at_bits(place, chunk, tally);
  else look_at_integers(place, chunk, tally);
  check_chunk(place, a, b, chunk, tally);
  return 0;
}

/* Of parts from, ..., to - 1 of a block. */
static void add_squares(const struct pair *pair, const void *b, uint64_t from, uint64_t to, struct spread *spread) {
  const struct element *element = &pair->element;
  if (spread && element->kind != CANON_KIND_RAW && from < to)
    spread_add_block(spread, element->dtype, (const uint8_t *)b + from * element->size, to - from);
}

uint64_t compare_scratch(void) { return sizeof(struct chunk); }

void compare_block(const struct pair *pair, const void *a, const void *b, uint64_t first, uint64_t count, void *scratch,
                   struct tally *tally, struct spread *spread) {
  const struct element *element = &pair->element;
  uint64_t parts = count * element->parts;
  struct terms *terms = &((struct chunk *)scratch)->terms;
  int bits_decide = !element->layout || !looks_for_nan(pair);
  if (bits_decide && memcmp(a, b, parts * element->size) == 0) {
    add_squares(pair, b, 0, parts, spread);
    return;
  }
  terms_begin(terms, element->dtype == CANON_F64, spread != NULL);
  uint64_t squared = 0; /* parts whose squares were added */
  for (uint64_t i = 0; i < parts; i += CHUNK) {
    struct place place = {pair, spread, first * element->parts + i};
    uint64_t offset = i * element->size;
    uint32_t n = parts - i < CHUNK ? (uint32_t)(parts - i) : CHUNK;
    if (!compare_chunk(&place, (const uint8_t *)a + offset, (const uint8_t *)b + offset, n, scratch, tally)) continue;
    add_squares(pair, b, squared, i, spread);
    squared = i + n;
  }
  add_squares(pair, b, squared, parts, spread);
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
