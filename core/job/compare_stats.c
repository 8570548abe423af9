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

/* ---- bins ---- */

/* The first 16 distances have a bin each, then every power of two has eight. */
static uint32_t ulp_bin(uint64_t ulp) {
  if (ulp < 16) return (uint32_t)ulp;
  if (ulp <= INT32_MAX) {
    /* A double's exponent counts the powers of two, and its next three bits the bins of one. */
    double exact = (double)(int32_t)ulp;
    uint64_t bits;
    memcpy(&bits, &exact, sizeof bits);
    return (uint32_t)((bits >> 49) - 8 * (1023 + 2));
  }
  uint32_t places = (uint32_t)bit_length(ulp) - 4;
  return 8 * places + (uint32_t)(ulp >> places);
}

uint64_t canon_ulp_bin_start(uint64_t bin) {
  if (bin < 16) return bin;
  uint64_t places = bin / 8 - 1;
  return (bin - 8 * places) << places;
}

static int is_normal(uint64_t bits) { return bits >> 52 && bits >> 52 < 0x7ff; }

/* 2^e <= |a - b| / |b| < 2^(e + 1), e from -128 to 127; smaller and larger ones go to the ends. */
static uint32_t relative_bin(double distance, double b) {
  int d, r;
  uint64_t distance_bits, b_bits;
  memcpy(&distance_bits, &distance, sizeof distance_bits);
  memcpy(&b_bits, &b, sizeof b_bits);
  uint64_t bin = ((distance_bits - b_bits + (UINT64_C(1024) << 52)) >> 52) - (1024 - 128);
  if (is_normal(distance_bits) && is_normal(b_bits) && bin < CANON_RELATIVE_BINS) return (uint32_t)bin;
  double p = frexp(distance, &d), q = frexp(b, &r);
  int exponent = d - r - (p < q);
  if (isinf(distance) || exponent > 127) exponent = 127;
  if (exponent < -128) exponent = -128;
  return (uint32_t)(exponent + 128);
}

/* ---- elements ---- */

void spread_init(struct spread *spread) {
  *spread = (struct spread){.first_row = CANON_NONE, .first_column = CANON_NONE};
  spread->all.kinds = CANON_SUMS_SQUARES;
  spread->least_change = (double)INFINITY;
  spread->greatest_change = -(double)INFINITY;
}

void spread_add_block(struct spread *spread, uint32_t dtype, const void *b, uint64_t parts) {
  struct sums squares = {.kinds = CANON_SUMS_VALUES};
  if (dtype != CANON_F64) {
    dispatch_sums(dtype)(&spread->all, dtype, b, parts);
    return;
  }
  dispatch_products(dtype)(&squares, dtype, b, b, parts);
  wide_merge(&spread->all.squares, &squares.values);
}

static void extend(uint64_t at, uint64_t *first, uint64_t *last) {
  if (at < *first) *first = at;
  if (at > *last) *last = at;
}

/* Most were marked before. */
static void mark(_Atomic uint64_t *words, uint64_t word, uint64_t bits) {
  if (bits & ~atomic_load_explicit(&words[word], memory_order_relaxed))
    atomic_fetch_or_explicit(&words[word], bits, memory_order_relaxed);
}

static void mark_one(_Atomic uint64_t *words, uint64_t i) { mark(words, i / 64, UINT64_C(1) << i % 64); }

void spread_mark(struct spread *spread, struct marks *marks, uint64_t element) {
  uint64_t row = element / marks->columns, column = element % marks->columns;
  extend(row, &spread->first_row, &spread->last_row);
  extend(column, &spread->first_column, &spread->last_column);
  if (marks->rows <= MARKS) mark_one(marks->row, row);
  if (marks->columns <= MARKS) mark_one(marks->column, column);
}

void spread_mark_all(struct spread *spread, struct marks *marks, uint64_t first, const uint32_t *at, uint32_t n) {
  uint64_t row = (first + at[0]) / marks->columns, column = (first + at[0]) % marks->columns;
  for (uint32_t i = 0; i < n; i++) {
    if (i) column += at[i] - at[i - 1];
    if (i == 0 || column >= marks->columns) {
      row += column / marks->columns;
      column %= marks->columns;
      extend(row, &spread->first_row, &spread->last_row);
      if (marks->rows <= MARKS) mark_one(marks->row, row);
    }
    extend(column, &spread->first_column, &spread->last_column);
    if (marks->columns <= MARKS) mark_one(marks->column, column);
  }
}

/* 64 bits, or the n of them that there are, from the at-th on. */
static uint64_t bits_at(const uint64_t *bits, uint32_t at, uint64_t n) {
  uint64_t word = bits[at / 64] >> at % 64;
  if (at % 64) word |= bits[at / 64 + 1] << (64 - at % 64);
  return n < 64 ? word & ((UINT64_C(1) << n) - 1) : word;
}

/* n bits from the at-th on belong to one row, from this column on: word by word of the marks. */
static int mark_row(struct spread *spread, struct marks *marks, uint64_t column, const uint64_t *bits, uint32_t at,
                    uint64_t n) {
  uint64_t low = CANON_NONE, high = 0;
  for (uint64_t step; n; n -= step, at += (uint32_t)step, column += step) {
    step = 64 - column % 64 < n ? 64 - column % 64 : n;
    uint64_t word = bits_at(bits, at, step) << column % 64;
    if (!word) continue;
    if (low == CANON_NONE) low = column / 64 * 64 + (uint64_t)bit_length(word & (~word + 1)) - 1;
    high = column / 64 * 64 + (uint64_t)bit_length(word) - 1;
    if (marks->columns <= MARKS) mark(marks->column, column / 64, word);
  }
  if (low == CANON_NONE) return 0;
  extend(low, &spread->first_column, &spread->last_column);
  extend(high, &spread->first_column, &spread->last_column);
  return 1;
}

void spread_mark_bits(struct spread *spread, struct marks *marks, uint64_t first, const uint64_t *bits, uint32_t n) {
  uint64_t row = first / marks->columns, column = first % marks->columns;
  for (uint32_t at = 0; at < n; row++, column = 0) {
    uint64_t count = marks->columns - column < n - at ? marks->columns - column : n - at;
    if (mark_row(spread, marks, column, bits, at, count)) {
      extend(row, &spread->first_row, &spread->last_row);
      if (marks->rows <= MARKS) mark_one(marks->row, row);
    }
    at += (uint32_t)count;
  }
}

static void add_bins(struct spread *spread, double change, double b) {
  if (change < spread->least_change) spread->least_change = change;
  if (change > spread->greatest_change) spread->greatest_change = change;
  if (b == 0) spread->to_zero++;
  else spread->relative[relative_bin(fabs(change), fabs(b))]++;
}

void spread_add_floats(struct spread *spread, const double *change, const double *b, const uint64_t *ulp, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    add_bins(spread, change[i], b[i]);
    spread->ulp[ulp_bin(ulp[i])]++;
  }
}

_Static_assert(CANON_ULP_BINS == (int)WIDE_DIFFERENCE_BINS, "kernels have the same bins");

/* Kernels gave pairs of equal numbers a bin of their own distance, 0, and one of a relative difference: the first, or
 * of zeros the middle one. The last has what moved away from 0. */
void spread_add_bins(struct spread *spread, const struct difference_bins *bins) {
  for (int k = 0; k < DIFFERENCE_TABLES; k++)
    for (int i = 0; i < DIFFERENCE_BINS; i++) {
      spread->ulp[i] += i ? bins->ulp[k][i] : 0;
      spread->relative[i] += bins->relative[k][i];
    }
  for (int k = 0; k < DIFFERENCE_TABLES; k++)
    for (int i = 1; i < CANON_ULP_BINS; i++) spread->ulp[i] += bins->wide_ulp[k][i];
  spread->relative[0] -= bins->equal - bins->equal_zeros;
  spread->relative[CANON_RELATIVE_BINS / 2] -= bins->equal_zeros;
  spread->relative[CANON_RELATIVE_BINS - 1] -= bins->zeros;
  spread->to_zero += bins->zeros;
}

static void add_couple(struct spread *spread, const struct operand *a, const struct operand *b) {
  add_product(&spread->a, 0, a, a);
  add_product(&spread->b, 0, b, b);
  add_product(&spread->both, 0, a, b);
}

static struct operand operand_of(double value) { return (struct operand){.value = value, .is_negative = value < 0}; }

void spread_exclude(struct spread *spread, double b) {
  struct operand operand = operand_of(b);
  add_product(&spread->all.squares, 1, &operand, &operand);
}

void spread_add(struct spread *spread, const struct comparand *c) {
  const struct operand *a = &c->couple.a[0], *b = &c->couple.b[0];
  if (c->relation[0] == RELATION_HOPELESS) add_product(&spread->all.squares, 1, b, b);
  if (c->relation[0] != RELATION_UNEQUAL) return;
  add_bins(spread, b->value - a->value, b->value);
  add_couple(spread, a, b);
}

void spread_merge(struct spread *into, const struct spread *from) {
  wide_merge(&into->all.squares, &from->all.squares);
  if (from->first_row == CANON_NONE) return;
  wide_merge(&into->a, &from->a);
  wide_merge(&into->b, &from->b);
  wide_merge(&into->both, &from->both);
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

static uint64_t count_marks(const _Atomic uint64_t *words, uint64_t n) {
  uint64_t hit = 0;
  if (n > MARKS) return CANON_NONE;
  for (uint64_t i = 0; i < n; i++) hit += atomic_load_explicit(&words[i / 64], memory_order_relaxed) >> i % 64 & 1;
  return hit;
}

/* The least e with number < 2^e, but for its rounding. */
static int32_t scale_of(struct number number) { return number.exponent + bit_length(number.significand); }

/* number / 2^scale */
static double scaled(struct number number, int32_t scale) {
  number = number_round(number, 53);
  const double value = ldexp((double)number.significand, number.exponent - scale);
  return number.negative ? -value : value;
}

/* Norms, A^2 - B^2, and the product of a and b, whose squares may lie beyond the doubles. */
struct triangle {
  struct number a, b, change, squares, product;
};

/* 1 - cos = (|a - b|^2 - (A - B)^2) / (2 A B), with an error of 2^-48 |a - b|^2 / (2 A B) at most where a and b are
 * close. Where they are not, 1 - cos is as it stands. Powers of two are taken out of A and B: each its own for the
 * cosine, and one where they are close. */
static void find_angle(canon_diff_stats *stats, const struct triangle *of) {
  const int32_t scale = scale_of(of->a), other = scale_of(of->b);
  const double a = scaled(of->a, scale), b = scaled(of->b, scale), change = scaled(of->change, scale);
  const double between = fabs(scaled(of->squares, 2 * scale)) / (a + b);
  const double distance = (change - between) / a * ((change + between) / b) / 2;
  const int is_close = change / a * (change / b) <= 1;
  stats->cosine = scaled(of->product, scale + other) / a / scaled(of->b, other);
  stats->cosine_distance = is_close ? fmax(distance, 0) : 1 - stats->cosine;
  if (is_close) stats->cosine = 1 - stats->cosine_distance;
}

/* What is equal on both sides has one square, so a^2 and a b are b^2 but for those that are not. */
void spread_finish(const struct spread *spread, const struct marks *marks, canon_diff_stats *stats) {
  struct wide a = spread->all.squares, product = spread->all.squares, change = spread->a, squares = spread->a;
  wide_subtract(&squares, &spread->b);
  wide_subtract(&a, &spread->b);
  wide_merge(&a, &spread->a);
  wide_subtract(&product, &spread->b);
  wide_merge(&product, &spread->both);
  wide_merge(&change, &spread->b);
  wide_subtract(&change, &spread->both);
  wide_subtract(&change, &spread->both);
  const struct triangle triangle = {wide_sqrt(&a), wide_sqrt(&spread->all.squares), wide_sqrt(&change),
                                    wide_value(&squares), wide_value(&product)};
  stats->norm_a = rounded(triangle.a);
  stats->norm_b = rounded(triangle.b);
  stats->norm_change = rounded(triangle.change);
  stats->relative_l2 = stats->norm_change == 0 ? 0 : stats->norm_change / stats->norm_b;
  find_angle(stats, &triangle);
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
