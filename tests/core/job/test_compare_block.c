/* SPDX-License-Identifier: MIT
 * test_compare_block.c: what is told of a block is what doubles and MPFR find, one pair of elements at a time. */
#include <stdint.h> /* before mpfr.h */

#include "tests/core/numerics/oracle.h"

#include "core/job/compare.h"
#include "core/numerics/ref/number.h"
#include "tests/support/support.h"

enum { N = 5000 };

static uint8_t a[N * 16], b[N * 16];

static const struct rules no_rules = {.n = 0};

static struct pair pair_of(uint32_t dtype, uint32_t equal) {
  return (struct pair){.rules = &no_rules, .element = element_of(dtype), .elements = N, .equal = equal};
}

/* Cut where blocks are cut, in an order that is not theirs. */
static void compare_in_blocks(const struct pair *pair, uint64_t n, uint64_t block, struct tally *tally) {
  uint64_t size = pair->element.parts * pair->element.size, blocks = (n + block - 1) / block;
  void *scratch = malloc(compare_scratch());
  tally_init(tally);
  for (uint64_t i = blocks; i--;) {
    struct tally part;
    uint64_t first = i * block, count = n - first < block ? n - first : block;
    tally_init(&part);
    compare_block(pair, a + first * size, b + first * size, first, count, scratch, &part, NULL);
    tally_merge(tally, &part, pair->rules);
  }
  free(scratch);
}

static double rounded(struct number number) {
  enum rounding rounding;
  uint64_t code = number_code(float_layout(CANON_F64), number, &rounding);
  double value;
  memcpy(&value, &code, sizeof value);
  return value;
}

/* One after the other, by definition. */
struct expected {
  uint64_t differing, first, nan, infinite, zero_signs, nan_bits, nan_pairs, rising, falling, max_ulp, worst, worst_ulp;
  double max_abs;
  mpfr_t sum;
};

/* Numbers of the type between two codes, counted by sign and magnitude. */
static uint64_t steps_between(uint32_t dtype, uint64_t x, uint64_t y) {
  uint64_t sign = dtype == CANON_F8_E8M0FNU ? 0 : UINT64_C(1) << (8 * canon_dtype_size(dtype) - 1);
  uint64_t p = x & ~sign, q = y & ~sign;
  if ((x & sign) != (y & sign)) return p + q;
  return p > q ? p - q : q - p;
}

static void expect_pair(struct expected *e, uint32_t dtype, uint32_t equal, uint64_t element, uint64_t x, uint64_t y) {
  double u = value_of(dtype, x), v = value_of(dtype, y);
  int differs = equal == CANON_EQUAL_BITS ? x != y : !(u == v);
  if (differs && element < e->first) e->first = element;
  if (isnan(u) && isnan(v)) {
    e->nan_bits += x != y;
    e->nan_pairs += x == y && equal == CANON_EQUAL_VALUES;
  } else if (isnan(u) || isnan(v)) {
    e->nan++;
  } else if (u == v) {
    e->zero_signs += x != y;
  } else if (isinf(u) || isinf(v)) {
    e->infinite++;
  } else {
    double distance = fabs(u - v);
    uint64_t ulp = steps_between(dtype, x, y);
    mpfr_t term;
    mpfr_init2(term, 2200);
    mpfr_set_d(term, u, MPFR_RNDN);
    mpfr_sub_d(term, term, v, MPFR_RNDN);
    mpfr_abs(term, term, MPFR_RNDN);
    mpfr_add(e->sum, e->sum, term, MPFR_RNDN);
    mpfr_clear(term);
    *(v > u ? &e->rising : &e->falling) += 1;
    if (distance > e->max_abs) e->max_abs = distance, e->worst = element;
    if (ulp > e->max_ulp) e->max_ulp = ulp, e->worst_ulp = element;
  }
}

static void assert_expected(uint32_t dtype, uint32_t equal, uint64_t n, uint64_t block) {
  struct pair pair = pair_of(dtype, equal);
  struct tally tally;
  struct expected e = {.first = CANON_NONE, .worst = CANON_NONE, .worst_ulp = CANON_NONE};
  uint32_t part = pair.element.dtype, parts = pair.element.parts;
  mpfr_init2(e.sum, 2300);
  mpfr_set_zero(e.sum, 1);
  for (uint64_t i = 0; i < n; i++) {
    int differs = 0;
    for (uint64_t k = i * parts; k < (i + 1) * parts; k++) {
      uint64_t x = code_at(a, part, k), y = code_at(b, part, k);
      expect_pair(&e, part, equal, i, x, y);
      differs |= equal == CANON_EQUAL_BITS ? x != y : !(value_of(part, x) == value_of(part, y));
    }
    e.differing += (uint64_t)differs;
  }
  compare_in_blocks(&pair, n, block, &tally);
  assert_int_equal(tally.differing, e.differing);
  assert_int_equal(tally.first, e.first);
  assert_int_equal(tally.nan, e.nan);
  assert_int_equal(tally.infinite, e.infinite);
  assert_int_equal(tally.zero_signs, e.zero_signs);
  assert_int_equal(tally.nan_bits, e.nan_bits);
  assert_int_equal(tally.nan_pairs, e.nan_pairs);
  assert_int_equal(tally.rising, e.rising);
  assert_int_equal(tally.falling, e.falling);
  assert_int_equal(tally.max_ulp, e.max_ulp);
  assert_true(same_double(tally.max_abs, e.max_abs));
  assert_int_equal(tally.worst, e.worst);
  assert_int_equal(tally.worst_ulp, e.worst_ulp);
  double sum = oracle_round(oracle_type(CANON_F64), e.sum, 0);
  assert_true(same_double(rounded(wide_value(&tally.absolute.values)), sum));
  mpfr_clear(e.sum);
}

static const uint32_t equals[] = {CANON_EQUAL_BITS, CANON_EQUAL_VALUES};

static void test_every_pair_of_eight_bits(void **state) {
  static const uint32_t dtypes[] = {CANON_F8_E4M3FN, CANON_F8_E5M2, CANON_F8_E4M3FNUZ, CANON_F8_E5M2FNUZ,
                                    CANON_F8_E8M0FNU};
  (void)state;
  for (size_t d = 0; d < sizeof dtypes / sizeof *dtypes; d++)
    for (int equal = 0; equal < 2; equal++)
      for (int x = 0; x < 256; x++) {
        for (int y = 0; y < 256; y++) a[y] = (uint8_t)x, b[y] = (uint8_t)y;
        assert_expected(dtypes[d], equals[equal], 256, 100);
      }
}

static const uint32_t wide_dtypes[] = {CANON_F16, CANON_BF16, CANON_F32,  CANON_F64,
                                       CANON_C32, CANON_C64,  CANON_C128, CANON_BC32};
enum { WIDE = sizeof wide_dtypes / sizeof *wide_dtypes };

static void fill_bits(uint32_t dtype, uint64_t n, unsigned likeness) {
  struct element element = element_of(dtype);
  for (uint64_t i = 0; i < n * element.parts; i++) {
    uint64_t code = random_bits() >> (64 - 8 * element.size), other = random_bits() >> (64 - 8 * element.size);
    if (random_bits() % 8 == 0) code = element.layout->infinity | (random_bits() % 2 ? element.layout->sign : 0);
    if (random_bits() % 8 == 0) code = element.layout->nan ^ (random_bits() % 3);
    if (random_bits() % 8 == 0) code = random_bits() % 2 ? element.layout->sign : 0;
    uint64_t kind = random_bits() % likeness;
    if (kind == 1) other = code ^ 1;
    else if (kind == 2) other = code ^ element.layout->sign;
    else if (kind) other = code;
    set_code(a, element.dtype, i, code);
    set_code(b, element.dtype, i, other);
  }
}

static void test_random_bits_of_every_float_type(void **state) {
  (void)state;
  for (int d = 0; d < WIDE; d++)
    for (int equal = 0; equal < 2; equal++) {
      static const unsigned likenesses[] = {1, 4, 100, 5000};
      for (int k = 0; k < 4; k++) {
        fill_bits(wide_dtypes[d], N, likenesses[k]);
        assert_expected(wide_dtypes[d], equals[equal], N, 1111);
      }
      fill_bits(wide_dtypes[d], 3, 2);
      for (uint64_t n = 0; n <= 3; n++) assert_expected(wide_dtypes[d], equals[equal], n, 2);
    }
}

static void test_equal_bytes_differ_as_values_where_they_are_nan(void **state) {
  (void)state;
  fill_bits(CANON_F32, N, 2);
  memcpy(b, a, sizeof b);
  assert_expected(CANON_F32, CANON_EQUAL_BITS, N, 777);
  assert_expected(CANON_F32, CANON_EQUAL_VALUES, N, 777);
}

static void assert_integers(uint32_t dtype, uint64_t x, uint64_t y, uint64_t distance, int rises) {
  struct pair pair = pair_of(dtype, CANON_EQUAL_BITS);
  struct tally tally;
  for (int i = 0; i < 3; i++) set_code(a, dtype, (uint64_t)i, x), set_code(b, dtype, (uint64_t)i, i == 1 ? y : x);
  compare_in_blocks(&pair, 3, 2, &tally);
  assert_int_equal(tally.differing, 1);
  assert_int_equal(tally.first, 1);
  assert_int_equal(tally.max_whole, distance);
  assert_int_equal(tally.worst, distance ? 1 : CANON_NONE);
  assert_int_equal(tally.rising, distance && rises);
  assert_int_equal(tally.falling, distance && !rises);
  assert_true(same_double(rounded(wide_value(&tally.absolute.values)), (double)distance));
}

static void test_integers_to_the_ends_of_their_types(void **state) {
  (void)state;
  assert_integers(CANON_U8, 0, 255, 255, 1);
  assert_integers(CANON_I8, 0x80, 0x7f, 255, 1);
  assert_integers(CANON_I16, 0x7fff, 0x8000, 65535, 0);
  assert_integers(CANON_U32, UINT32_MAX, 0, UINT32_MAX, 0);
  assert_integers(CANON_I32, 0x80000000, 0x7fffffff, UINT32_MAX, 1);
  assert_integers(CANON_U64, 0, UINT64_MAX, UINT64_MAX, 1);
  assert_integers(CANON_I64, UINT64_C(1) << 63, INT64_MAX, UINT64_MAX, 1);
  assert_integers(CANON_I64, INT64_MAX, INT64_MAX - 1, 1, 0);
  assert_integers(CANON_BOOL, 0, 1, 1, 1);
  assert_integers(CANON_BOOL, 2, 1, 0, 0); /* both true, in other bits */
}

static void test_bits_without_a_meaning_only_differ(void **state) {
  static const uint32_t dtypes[] = {CANON_F4_E2M1FN_X2, CANON_BITS8, CANON_BITS16, CANON_BITS1X8};
  (void)state;
  for (size_t d = 0; d < sizeof dtypes / sizeof *dtypes; d++) {
    struct pair pair = pair_of(dtypes[d], CANON_EQUAL_VALUES);
    struct tally tally;
    memset(a, 0xff, sizeof a);
    memcpy(b, a, sizeof b);
    set_code(b, dtypes[d], 7, 1);
    compare_in_blocks(&pair, N, 4096, &tally);
    assert_int_equal(tally.differing, 1);
    assert_int_equal(tally.first, 7);
    assert_int_equal(tally.worst, CANON_NONE);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_pair_of_eight_bits),
      cmocka_unit_test(test_random_bits_of_every_float_type),
      cmocka_unit_test(test_equal_bytes_differ_as_values_where_they_are_nan),
      cmocka_unit_test(test_integers_to_the_ends_of_their_types),
      cmocka_unit_test(test_bits_without_a_meaning_only_differ),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
