/* SPDX-License-Identifier: MIT
 * compare_stats.c: see compare_stats.h. */
#include "core/job/compare_stats.h"

#include <math.h>
#include <stdatomic.h>

#include "core/numerics/kernels.h"
#include "core/numerics/ref/number.h"

/* ---- exact products ---- */

/* A number of a narrow type has its bits at the top. */
static uint64_t stripped(const struct operand *operand, int32_t *exponent) {
  uint64_t significand = operand_significand(operand, exponent);
  while (significand && !(significand & 0x1FFFFFFF)) significand >>= 29, *exponent += 29;
  return significand;
}

/* += (-1)^negative * x * y, from products of halves of 32 bits. */
static void add_product(struct wide *wide, int negative, const struct operand *x, const struct operand *y) {
  int32_t x_exponent, y_exponent;
  uint64_t s = stripped(x, &x_exponent), t = stripped(y, &y_exponent);
  uint64_t s_low = (uint32_t)s, s_high = s >> 32, t_low = (uint32_t)t, t_high = t >> 32;
  int32_t exponent = x_exponent + y_exponent;
  int below = negative != (x->is_negative != y->is_negative);
  wide_add(wide, below, s_low * t_low, exponent);
  if (s_high) wide_add(wide, below, s_high * t_low, exponent + 32);
  if (t_high) wide_add(wide, below, s_low * t_high, exponent + 32);
  if (s_high && t_high) wide_add(wide, below, s_high * t_high, exponent + 64);
}

void spread_flush(struct spread *spread) {
  struct products *p = &spread->products;
  if (!p->n) return;
  dispatch_sums(CANON_F32)(&p->a, CANON_F32, p->a_waiting, p->n);
  dispatch_sums(CANON_F32)(&p->b, CANON_F32, p->b_waiting, p->n);
  dispatch_sums(CANON_F64)(&p->both, CANON_F64, p->both_waiting, p->n);
  p->n = 0;
}

static void add_couple(struct spread *spread, uint32_t dtype, const struct operand *a, const struct operand *b) {
  struct products *p = &spread->products;
  if (a->is_whole || dtype == CANON_F64) {
    add_product(&p->a.squares, 0, a, a);
    add_product(&p->b.squares, 0, b, b);
    add_product(&p->both.values, 0, a, b);
    return;
  }
  p->a_waiting[p->n] = (float)a->value;
  p->b_waiting[p->n] = (float)b->value;
  p->both_waiting[p->n] = a->value * b->value;
  if (++p->n == PRODUCTS_WAITING) spread_flush(spread);
}

/* ---- bins ---- */

/* The first 16 distances have a bin each, then every power of two has eight. */
static uint32_t ulp_bin(uint64_t ulp) {
  if (ulp < 16) return (uint32_t)ulp;
  uint32_t places = (uint32_t)bit_length(ulp) - 4;
  return 8 * places + (uint32_t)(ulp >> places);
}

uint64_t canon_ulp_bin_start(uint64_t bin) {
  if (bin < 16) return bin;
  uint64_t places = bin / 8 - 1;
  return (bin - 8 * places) << places;
}

/* 2^e <= |a - b| / |b| < 2^(e + 1), e from -128 to 127; smaller and larger ones go to the ends. */
static uint32_t relative_bin(double distance, double b) {
  int d, r;
  double p = frexp(distance, &d), q = frexp(b, &r);
  int exponent = d - r - (p < q);
  if (isinf(distance) || exponent > 127) exponent = 127;
  if (exponent < -128) exponent = -128;
  return (uint32_t)(exponent + 128);
}

/* ---- elements ---- */

void spread_init(struct spread *spread) {
  *spread = (struct spread){.first_row = CANON_NONE, .first_column = CANON_NONE};
  spread->all.kinds = spread->products.a.kinds = spread->products.b.kinds = CANON_SUMS_SQUARES;
  spread->products.both.kinds = CANON_SUMS_VALUES;
  spread->least_change = (double)INFINITY;
  spread->greatest_change = -(double)INFINITY;
}

void spread_add_block(struct spread *spread, uint32_t dtype, const void *b, uint64_t parts) {
  dispatch_sums(dtype)(&spread->all, dtype, b, parts);
}

static void extend(uint64_t at, uint64_t *first, uint64_t *last) {
  if (at < *first) *first = at;
  if (at > *last) *last = at;
}

void spread_mark(struct spread *spread, struct marks *marks, uint64_t element) {
  uint64_t row = element / marks->columns, column = element % marks->columns;
  extend(row, &spread->first_row, &spread->last_row);
  extend(column, &spread->first_column, &spread->last_column);
  if (marks->rows <= MARKS) atomic_store_explicit(&marks->row[row], 1, memory_order_relaxed);
  if (marks->columns <= MARKS) atomic_store_explicit(&marks->column[column], 1, memory_order_relaxed);
}

static void add_part(struct spread *spread, uint32_t dtype, const struct operand *a, const struct operand *b,
                     uint64_t ulp) {
  double change = b->value - a->value;
  if (change < spread->least_change) spread->least_change = change;
  if (change > spread->greatest_change) spread->greatest_change = change;
  if (ulp != CANON_NONE) spread->ulp[ulp_bin(ulp)]++;
  if (b->value == 0) spread->to_zero++;
  else spread->relative[relative_bin(fabs(change), fabs(b->value))]++;
  add_couple(spread, dtype, a, b);
}

void spread_add(struct spread *spread, uint32_t dtype, const struct comparand *c) {
  for (uint32_t i = 0; i < c->couple.parts; i++) {
    const struct operand *a = &c->couple.a[i], *b = &c->couple.b[i];
    if (c->relation[i] == RELATION_UNEQUAL) add_part(spread, dtype, a, b, c->ulp[i]);
    else if (c->relation[i] == RELATION_HOPELESS && isfinite(b->value)) add_product(&spread->all.squares, 1, b, b);
  }
}

void spread_merge(struct spread *into, const struct spread *from) {
  wide_merge(&into->all.squares, &from->all.squares);
  if (from->first_row == CANON_NONE) return;
  wide_merge(&into->products.a.squares, &from->products.a.squares);
  wide_merge(&into->products.b.squares, &from->products.b.squares);
  wide_merge(&into->products.both.values, &from->products.both.values);
  for (int i = 0; i < CANON_ULP_BINS; i++) into->ulp[i] += from->ulp[i];
  for (int i = 0; i < CANON_RELATIVE_BINS; i++) into->relative[i] += from->relative[i];
  into->to_zero += from->to_zero;
  extend(from->first_row, &into->first_row, &into->last_row);
  extend(from->last_row, &into->first_row, &into->last_row);
  extend(from->first_column, &into->first_column, &into->last_column);
  extend(from->last_column, &into->first_column, &into->last_column);
  if (from->least_change < into->least_change) into->least_change = from->least_change;
  if (from->greatest_change > into->greatest_change) into->greatest_change = from->greatest_change;
}

/* ---- what they come to ---- */

static double rounded(struct number number) {
  enum rounding rounding;
  double value;
  uint64_t code = number_code(float_layout(CANON_F64), number, &rounding);
  memcpy(&value, &code, sizeof value);
  return value;
}

static void subtract(struct wide *from, const struct wide *what) {
  struct wide negative = *what;
  for (int i = 0; i < WIDE_DIGITS; i++) negative.digit[i] = -negative.digit[i];
  wide_merge(from, &negative);
}

static uint64_t count_marks(const _Atomic uint8_t *marks, uint64_t n) {
  uint64_t hit = 0;
  if (n > MARKS) return CANON_NONE;
  for (uint64_t i = 0; i < n; i++) hit += atomic_load_explicit(&marks[i], memory_order_relaxed);
  return hit;
}

/* What is equal on both sides has one square, so a^2 and a b are b^2 but for those that are not. */
void spread_finish(const struct spread *spread, const struct marks *marks, canon_diff_stats *stats) {
  const struct products *p = &spread->products;
  struct wide a = spread->all.squares, product = spread->all.squares, change = p->a.squares;
  subtract(&a, &p->b.squares);
  wide_merge(&a, &p->a.squares);
  subtract(&product, &p->b.squares);
  wide_merge(&product, &p->both.values);
  wide_merge(&change, &p->b.squares);
  subtract(&change, &p->both.values);
  subtract(&change, &p->both.values);
  stats->norm_a = rounded(wide_sqrt(&a));
  stats->norm_b = rounded(wide_sqrt(&spread->all.squares));
  stats->norm_change = rounded(wide_sqrt(&change));
  stats->relative_l2 = stats->norm_change == 0 ? 0 : stats->norm_change / stats->norm_b;
  stats->cosine = rounded(wide_value(&product)) / stats->norm_a / stats->norm_b;
  memcpy(stats->ulp, spread->ulp, sizeof stats->ulp);
  memcpy(stats->relative, spread->relative, sizeof stats->relative);
  stats->to_zero = spread->to_zero;
  stats->least_change = spread->least_change;
  stats->greatest_change = spread->greatest_change;
  stats->rows = marks->rows;
  stats->columns = marks->columns;
  stats->first_row = spread->first_row;
  stats->first_column = spread->first_column;
  stats->last_row = spread->last_row;
  stats->last_column = spread->last_column;
  stats->rows_hit = count_marks(marks->row, marks->rows);
  stats->columns_hit = count_marks(marks->column, marks->columns);
}
