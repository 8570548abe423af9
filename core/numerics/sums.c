/* SPDX-License-Identifier: MIT
 * sums.c: exact sums, exact until the one rounding at the end: statistics and reductions. */
#include "core/numerics/sums.h"

#include "core/numerics/kernels.h"

static struct sums *state(canon_sums *sums) { return (struct sums *)(void *)sums; }
static const struct sums *const_state(const canon_sums *sums) { return (const struct sums *)(const void *)sums; }

void sums_init(canon_sums *sums, uint32_t kinds) { *state(sums) = (struct sums){.kinds = kinds}; }

int32_t sums_add(canon_sums *sums, uint32_t dtype, const void *x, uint64_t n) {
  sums_kernel *kernel = dispatch_sums(dtype);
  if (!kernel) return CANON_E_UNSUPPORTED;
  if (n == 0) return CANON_OK; /* the question whether it takes the dtype, with no state */
  if (state(sums)->kinds & CANON_SUMS_PRODUCTS) return CANON_E_USAGE;
  state(sums)->elements += n;
  kernel(state(sums), dtype, x, n);
  return CANON_OK;
}

int32_t sums_add_products(canon_sums *sums, uint32_t dtype, const void *x, const void *y, uint64_t n) {
  products_kernel *kernel = dispatch_products(dtype);
  if (!kernel) return CANON_E_UNSUPPORTED;
  if (n == 0) return CANON_OK; /* as above */
  if (state(sums)->kinds != CANON_SUMS_PRODUCTS) return CANON_E_USAGE;
  state(sums)->elements += n;
  kernel(state(sums), dtype, x, y, n);
  return CANON_OK;
}

void sums_merge(canon_sums *into, const canon_sums *from) {
  struct sums *a = state(into);
  const struct sums *b = const_state(from);
  a->elements += b->elements;
  a->nan += b->nan;
  a->positive_infinity += b->positive_infinity;
  a->negative_infinity += b->negative_infinity;
  a->by_ref += b->by_ref;
  wide_merge(&a->values, &b->values);
  wide_merge(&a->squares, &b->squares);
}

/* The sum with what NaN and infinities make of it. */
static struct number whole_value(const struct sums *sums, uint32_t what) {
  int squares = what == CANON_SUMS_SUMSQ || what == CANON_SUMS_NORM;
  int positive = sums->positive_infinity || (squares && sums->negative_infinity);
  int negative = sums->negative_infinity && !squares;
  if (sums->nan || (positive && negative)) return (struct number){.kind = NUMBER_NAN};
  if (positive || negative) return (struct number){.kind = NUMBER_INFINITE, .negative = negative};
  switch (what) {
    case CANON_SUMS_SUM:
    case CANON_SUMS_DOT: return wide_value(&sums->values);
    case CANON_SUMS_MEAN: return wide_divide(&sums->values, sums->elements);
    case CANON_SUMS_SUMSQ: return wide_value(&sums->squares);
    default: return wide_sqrt(&sums->squares);
  }
}

/* Two's complement of a whole number that fits, or CANON_E_UNSUPPORTED. */
static int32_t integer_code(struct number number, uint32_t dtype, uint64_t *code) {
  uint32_t bits = 8 * canon_dtype_size(dtype);
  int is_signed = canon_dtype_kind(dtype) == CANON_KIND_INT;
  uint64_t largest = UINT64_MAX >> (64 - bits + (uint32_t)is_signed);
  if (number.kind != NUMBER_FINITE || number.more) return CANON_E_UNSUPPORTED;
  uint64_t magnitude = number.significand;
  if (magnitude) {
    int32_t zeros = 0;
    while (!(magnitude >> zeros & 1)) zeros++;
    magnitude >>= zeros;
    int32_t exponent = number.exponent + zeros;
    if (exponent < 0 || exponent + bit_length(magnitude) > 64) return CANON_E_UNSUPPORTED;
    magnitude <<= exponent;
  }
  if (magnitude > largest + (uint64_t)(number.negative && is_signed)) return CANON_E_UNSUPPORTED;
  if (number.negative && magnitude && !is_signed) return CANON_E_UNSUPPORTED;
  *code = number.negative ? ~magnitude + 1 : magnitude;
  return CANON_OK;
}

static const uint32_t kind_of[] = {
    [CANON_SUMS_SUM] = CANON_SUMS_VALUES,    [CANON_SUMS_MEAN] = CANON_SUMS_VALUES,
    [CANON_SUMS_SUMSQ] = CANON_SUMS_SQUARES, [CANON_SUMS_NORM] = CANON_SUMS_SQUARES,
    [CANON_SUMS_DOT] = CANON_SUMS_PRODUCTS,
};

int32_t sums_round(const canon_sums *sums, uint32_t what, uint32_t dtype, void *result) {
  const struct sums *s = const_state(sums);
  const struct float_layout *layout = float_layout(dtype);
  uint32_t kind = canon_dtype_kind(dtype);
  int mean = what == CANON_SUMS_MEAN, whole = !mean && what != CANON_SUMS_NORM; /* of whole numbers */
  if (what < CANON_SUMS_SUM || what > CANON_SUMS_DOT || !(s->kinds & kind_of[what])) return CANON_E_USAGE;
  if (mean && s->elements == 0) return CANON_E_UNSUPPORTED;
  if (!layout && !(whole && (kind == CANON_KIND_INT || kind == CANON_KIND_UINT))) return CANON_E_UNSUPPORTED;
  if (dtype == CANON_F8_E8M0FNU) return CANON_E_UNSUPPORTED; /* has no zero */

  struct number number = whole_value(s, what);
  enum rounding rounding;
  uint64_t code;
  if (layout) code = number_code(layout, number, &rounding);
  else if (integer_code(number, dtype, &code)) return CANON_E_UNSUPPORTED;
  element_store(result, canon_dtype_size(dtype), code);
  return CANON_OK;
}

void sums_count(const canon_sums *sums, canon_sums_counts *counts) {
  const struct sums *s = const_state(sums);
  canon_sums_counts all = {counts->struct_size, 0, s->elements, s->nan, s->positive_infinity, s->negative_infinity};
  memcpy(counts, &all, counts->struct_size < sizeof all ? counts->struct_size : sizeof all);
}
