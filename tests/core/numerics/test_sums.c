/* SPDX-License-Identifier: MIT
 * Exact sums against MPFR: any dtype, any order, any cut, one rounding; what infinities and NaN make of them. */
#include "tests/support/support.h"

#include "core/numerics/numerics.h"
#include "core/numerics/ref/ref.h"
#include "tests/core/numerics/oracle.h"

enum { BOTH = CANON_SUMS_VALUES | CANON_SUMS_SQUARES };

static canon_sums *new_sums(void) {
  canon_sums *sums = malloc(numerics_service()->sums_bytes);
  assert_non_null(sums);
  numerics_service()->sums_init(sums, BOTH);
  return sums;
}

static double rounded(const canon_sums *sums, uint32_t what, uint32_t dtype) {
  uint64_t code = 0;
  assert_int_equal(numerics_service()->sums_round(sums, what, dtype, &code), CANON_OK);
  return value_of(dtype, code);
}

/* The four results in all float types, against MPFR's exact sums. */
static void assert_rounded(const canon_sums *sums, mpfr_srcptr sum, mpfr_srcptr squares, uint64_t n) {
  mpfr_t quotient, root;
  mpfr_inits2(300, quotient, root, (mpfr_ptr)0);
  int mean_more = mpfr_div_ui(quotient, sum, n, MPFR_RNDZ) != 0;
  int norm_more = mpfr_sqrt(root, squares, MPFR_RNDZ) != 0;
  for (int t = 0; t < ORACLE_TYPES; t++) {
    const struct oracle_type *type = &oracle_types[t];
    struct {
      uint32_t what;
      double want;
    } results[] = {{CANON_SUMS_SUM, oracle_round(type, sum, 0)},
                   {CANON_SUMS_MEAN, oracle_round(type, quotient, mean_more)},
                   {CANON_SUMS_SUMSQ, oracle_round(type, squares, 0)},
                   {CANON_SUMS_NORM, oracle_round(type, root, norm_more)}};
    if (type->dtype == CANON_F8_E8M0FNU) continue;
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++) {
      double want = results[i].want;
      if (isinf(want) && !type->infinite) want = (double)NAN;
      if (want == 0 && (mpfr_zero_p(sum) || !has_negative_zero(type->dtype))) want = 0;
      assert_true(same_double(rounded(sums, results[i].what, type->dtype), want));
    }
  }
  mpfr_clears(quotient, root, (mpfr_ptr)0);
}

static const uint32_t dtypes[] = {CANON_BOOL, CANON_U8,        CANON_I8,      CANON_U16,       CANON_I16,
                                  CANON_U32,  CANON_I32,       CANON_F16,     CANON_BF16,      CANON_F32,
                                  CANON_F64,  CANON_F8_E4M3FN, CANON_F8_E5M2, CANON_F8_E8M0FNU};
enum { DTYPES = sizeof dtypes / sizeof dtypes[0], MOST = 70000 };

/* Elements of any exponent; of like size; or such that nothing but a little is left of their sum. */
static void fill(uint32_t dtype, uint8_t *x, uint64_t n, int kind) {
  for (uint64_t i = 0; i < n; i++) {
    double value = random_normal() * (dtype == CANON_U8 || dtype == CANON_BOOL ? 0 : 50);
    uint64_t code = 0;
    numerics_service()->cast(CANON_F64, dtype, CANON_CAST_SATURATE, &value, &code, 1, NULL);
    if (kind == 0 && oracle_type(dtype)) code = random_finite(dtype);
    if (kind == 0 && !oracle_type(dtype)) code = random_bits() >> (64 - 8 * canon_dtype_size(dtype));
    if (kind == 2 && i % 2 && dtype != CANON_F8_E8M0FNU) { /* minus the element before */
      double before;
      uint64_t last = code_at(x, dtype, i - 1);
      numerics_service()->cast(dtype, CANON_F64, 0, &last, &before, 1, NULL);
      before = -before * (random_bits() % 64 ? 1 : 1.5);
      numerics_service()->cast(CANON_F64, dtype, CANON_CAST_SATURATE, &before, &code, 1, NULL);
    }
    set_code(x, dtype, i, code);
  }
}

static void add_exactly(mpfr_ptr sum, mpfr_ptr squares, uint32_t dtype, const void *x, uint64_t n) {
  mpfr_t value;
  mpfr_init2(value, 120);
  for (uint64_t i = 0; i < n; i++) {
    double real;
    uint64_t code = code_at(x, dtype, i);
    numerics_service()->cast(dtype, CANON_F64, 0, &code, &real, 1, NULL); /* exact up to 32 bits */
    mpfr_set_d(value, real, MPFR_RNDN);
    mpfr_add(sum, sum, value, MPFR_RNDN);
    mpfr_sqr(value, value, MPFR_RNDN);
    mpfr_add(squares, squares, value, MPFR_RNDN);
  }
  mpfr_clear(value);
}

static void results_are_the_exact_ones_rounded_once(void **state) {
  static const uint64_t counts[] = {1, 2, 63, 64, 300, 1000, 5001};
  static uint64_t x[MOST];
  mpfr_t sum, squares;
  (void)state;
  mpfr_inits2(4500, sum, squares, (mpfr_ptr)0);
  for (int t = 0; t < DTYPES; t++) {
    for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
      for (int kind = 0; kind < 3; kind++) {
        canon_sums *sums = new_sums();
        fill(dtypes[t], (uint8_t *)x, counts[c], kind);
        mpfr_set_zero(sum, 1);
        mpfr_set_zero(squares, 1);
        add_exactly(sum, squares, dtypes[t], x, counts[c]);
        assert_int_equal(numerics_service()->sums_add(sums, dtypes[t], x, counts[c]), CANON_OK);
        assert_rounded(sums, sum, squares, counts[c]);
        free(sums);
      }
    }
  }
  mpfr_clears(sum, squares, (mpfr_ptr)0);
}

static void assert_same_results(const canon_sums *a, const canon_sums *b) {
  for (uint32_t what = CANON_SUMS_SUM; what <= CANON_SUMS_NORM; what++) {
    assert_true(same_double(rounded(a, what, CANON_F64), rounded(b, what, CANON_F64)));
    assert_true(same_double(rounded(a, what, CANON_F32), rounded(b, what, CANON_F32)));
  }
}

static void any_order_and_any_merging_gives_the_same(void **state) {
  static uint64_t x[MOST];
  (void)state;
  for (int t = 0; t < DTYPES; t++) {
    uint64_t n = dtypes[t] == CANON_F32 ? MOST : 3000, size = canon_dtype_size(dtypes[t]);
    fill(dtypes[t], (uint8_t *)x, n, t % 3);
    canon_sums *whole = new_sums(), *merged = new_sums(), *backward = new_sums(), *ref = new_sums();
    numerics_service()->sums_add(whole, dtypes[t], x, n);
    for (uint64_t i = 0, part; i < n; i += part) {
      canon_sums *sums = new_sums();
      part = 1 + random_bits() % 700;
      if (part > n - i) part = n - i;
      numerics_service()->sums_add(sums, dtypes[t], (uint8_t *)x + i * size, part);
      numerics_service()->sums_merge(merged, sums);
      free(sums);
    }
    for (uint64_t i = n; i-- > 0;) numerics_service()->sums_add(backward, dtypes[t], (uint8_t *)x + i * size, 1);
    ref_sums((struct sums *)(void *)ref, dtypes[t], x, n);
    ((struct sums *)(void *)ref)->elements = n;
    assert_same_results(whole, merged);
    assert_same_results(whole, backward);
    assert_same_results(whole, ref);
    free(whole), free(merged), free(backward), free(ref);
  }
}

static void a_sum_takes_more_additions_than_a_digit_holds(void **state) {
  (void)state;
  struct wide wide = {.pending = 0}, many = {.pending = 0};
  /* digits as large as 2^30 - 1 additions make them, then one more, which carries */
  wide_add(&wide, 0, UINT64_MAX, 0);
  for (int i = 0; i < WIDE_DIGITS; i++) many.digit[i] = wide.digit[i] * (WIDE_PENDING - 1);
  many.pending = WIDE_PENDING - 1;
  wide_add(&many, 0, UINT64_MAX, 0);
  assert_int_equal(many.pending, 0);
  struct number value = wide_value(&many);
  assert_true(value.significand == UINT64_MAX && value.exponent == 30 && !value.more && !value.negative);
  for (int i = 0; i < WIDE_DIGITS; i++) many.digit[i] = -wide.digit[i] * (WIDE_PENDING - 1);
  many.pending = WIDE_PENDING - 1;
  wide_add(&many, 1, UINT64_MAX, 0);
  value = wide_value(&many);
  assert_true(value.significand == UINT64_MAX && value.exponent == 30 && !value.more && value.negative);
}

/* 2^48 of the largest doubles by doubling a state 36 times: the carry bound of wide.h, reached. */
static void merging_reaches_as_many_elements_as_a_state_takes(void **state) {
  static double x[4096];
  const canon_numerics *numerics = numerics_service();
  canon_sums *sums = new_sums(), *copy = new_sums();
  canon_sums_counts counts = {.struct_size = sizeof counts};
  (void)state;
  for (int i = 0; i < 4096; i++) x[i] = -0x1.FFFFFFFFFFFFFp1023;
  numerics->sums_add(sums, CANON_F64, x, 4096);
  for (int doubled = 12; doubled < 48; doubled++) {
    memcpy(copy, sums, numerics->sums_bytes);
    numerics->sums_merge(sums, copy);
  }
  numerics->sums_count(sums, &counts);
  assert_true(counts.elements == UINT64_C(1) << 48);
  assert_true(rounded(sums, CANON_SUMS_MEAN, CANON_F64) == x[0]);
  /* ((2^53 - 1) 2^971)^2 2^48 = (2^106 - 2^54 + 1) 2^1990, whose leading 64 bits are 2^64 - 2^12 */
  struct number squares = wide_value(&((struct sums *)(void *)sums)->squares);
  assert_true(squares.significand == 0 - (UINT64_C(1) << 12) && squares.exponent == 1990 + 42 && squares.more);
  struct number norm = number_round(wide_sqrt(&((struct sums *)(void *)sums)->squares), 53);
  assert_true(norm.significand == (UINT64_C(1) << 53) - 1 && norm.exponent == 971 + 24);
  free(sums), free(copy);
}

static void many_like_elements_do_not_overflow_a_bin(void **state) {
  static float x[2 * MOST];
  (void)state;
  for (int i = 0; i < 2 * MOST; i++) x[i] = 0x1.FFFFFEp0f;
  canon_sums *sums = new_sums(), *ref = new_sums();
  numerics_service()->sums_add(sums, CANON_F32, x, 2 * MOST);
  ref_sums((struct sums *)(void *)ref, CANON_F32, x, 2 * MOST);
  ((struct sums *)(void *)ref)->elements = 2 * MOST;
  assert_same_results(sums, ref);
  free(sums), free(ref);
}

static void what_lies_far_below_a_midpoint_still_moves_it(void **state) {
  (void)state;
  double x[] = {0x1p153, 0x1p100, 0x1p-100, 0}; /* 2^53 + 1 needs 54 bits */
  canon_sums *on = new_sums(), *above = new_sums();
  numerics_service()->sums_add(on, CANON_F64, x, 2);
  numerics_service()->sums_add(above, CANON_F64, x, 4);
  assert_true(rounded(on, CANON_SUMS_SUM, CANON_F64) == 0x1p153);
  assert_true(rounded(on, CANON_SUMS_MEAN, CANON_F64) == 0x1p152);
  assert_true(rounded(above, CANON_SUMS_SUM, CANON_F64) == 0x1p153 + 0x1p101);
  assert_true(rounded(above, CANON_SUMS_MEAN, CANON_F64) == 0x1p151 + 0x1p99);
  free(on), free(above);
}

static void opposite_extremes_leave_the_smallest_number(void **state) {
  (void)state;
  double x[] = {0x1.FFFFFFFFFFFFFp1023, 0x1.FFFFFFFFFFFFFp1023, 0x1p-1074, -0x1.FFFFFFFFFFFFFp1023,
                -0x1.FFFFFFFFFFFFFp1023};
  canon_sums *sums = new_sums();
  numerics_service()->sums_add(sums, CANON_F64, x, 5);
  assert_true(rounded(sums, CANON_SUMS_SUM, CANON_F64) == 0x1p-1074);
  assert_true(rounded(sums, CANON_SUMS_MEAN, CANON_F64) == 0);
  assert_true(isinf(rounded(sums, CANON_SUMS_SUMSQ, CANON_F64)));
  assert_true(isinf(rounded(sums, CANON_SUMS_NORM, CANON_F64)));
  free(sums);
}

static void whole_numbers_give_whole_sums_or_are_refused(void **state) {
  (void)state;
  const canon_numerics *numerics = numerics_service();
  int64_t x[] = {INT64_MAX, 1, -2, INT64_MIN, 5}, sum = 0;
  uint64_t squares = 0;
  uint8_t byte = 0;
  canon_sums *sums = new_sums();
  numerics->sums_add(sums, CANON_I64, x, 3);
  assert_int_equal(numerics->sums_round(sums, CANON_SUMS_SUM, CANON_I64, &sum), CANON_OK);
  assert_true(sum == INT64_MAX - 1);
  assert_int_equal(numerics->sums_round(sums, CANON_SUMS_SUMSQ, CANON_U64, &squares), CANON_E_UNSUPPORTED);
  assert_int_equal(numerics->sums_round(sums, CANON_SUMS_MEAN, CANON_I64, &sum), CANON_E_UNSUPPORTED);
  numerics->sums_add(sums, CANON_I64, x + 3, 2);
  assert_int_equal(numerics->sums_round(sums, CANON_SUMS_SUM, CANON_I64, &sum), CANON_OK);
  assert_int_equal(sum, 3);
  assert_int_equal(numerics->sums_round(sums, CANON_SUMS_SUM, CANON_U8, &byte), CANON_OK);
  assert_int_equal(byte, 3);
  numerics->sums_add(sums, CANON_I64, x + 3, 1);
  numerics->sums_add(sums, CANON_I64, x + 2, 2);
  assert_int_equal(numerics->sums_round(sums, CANON_SUMS_SUM, CANON_I64, &sum), CANON_E_UNSUPPORTED);
  numerics->sums_init(sums, BOTH);
  numerics->sums_add(sums, CANON_I64, x + 3, 1);
  assert_int_equal(numerics->sums_round(sums, CANON_SUMS_SUM, CANON_I64, &sum), CANON_OK);
  assert_true(sum == INT64_MIN);
  assert_int_equal(numerics->sums_round(sums, CANON_SUMS_SUM, CANON_U64, &squares), CANON_E_UNSUPPORTED);
  assert_true(rounded(sums, CANON_SUMS_SUMSQ, CANON_F64) == 0x1p126);
  float half = 0.5f;
  numerics->sums_add(sums, CANON_F32, &half, 1);
  assert_int_equal(numerics->sums_round(sums, CANON_SUMS_SUM, CANON_I64, &sum), CANON_E_UNSUPPORTED);
  free(sums);
}

static void nan_and_infinities_follow_their_rules(void **state) {
  static const uint32_t floats[] = {CANON_F16, CANON_F32, CANON_F64};
  (void)state;
  const canon_numerics *numerics = numerics_service();
  for (int t = 0; t < 3; t++) {
    for (uint64_t n = 3; n < 200; n += 150) { /* below and above where bins are worth while */
      double special[] = {(double)INFINITY, -(double)INFINITY, (double)NAN};
      uint64_t codes[3], x[200] = {0};
      numerics->cast(CANON_F64, floats[t], 0, special, codes, 3, NULL);
      for (int i = 0; i < 3; i++) set_code(x, floats[t], (uint64_t)i, code_at(codes, floats[t], (uint64_t)i));
      uint8_t *bytes = (uint8_t *)x, *rest = bytes + 3 * canon_dtype_size(floats[t]);
      canon_sums *sums = new_sums();
      numerics->sums_add(sums, floats[t], rest, n);
      numerics->sums_add(sums, floats[t], bytes + canon_dtype_size(floats[t]), 1);
      assert_true(rounded(sums, CANON_SUMS_SUM, CANON_F32) == -(double)INFINITY);
      assert_true(rounded(sums, CANON_SUMS_MEAN, CANON_F64) == -(double)INFINITY);
      assert_true(rounded(sums, CANON_SUMS_NORM, CANON_F64) == (double)INFINITY);
      assert_true(isnan(rounded(sums, CANON_SUMS_NORM, CANON_F8_E4M3FN)));
      numerics->sums_add(sums, floats[t], bytes, 1);
      assert_true(isnan(rounded(sums, CANON_SUMS_SUM, CANON_F32)));
      assert_true(rounded(sums, CANON_SUMS_SUMSQ, CANON_F32) == (double)INFINITY);
      numerics->sums_add(sums, floats[t], bytes, n);
      assert_true(isnan(rounded(sums, CANON_SUMS_NORM, CANON_F64)));
      canon_sums_counts counts = {.struct_size = sizeof counts};
      numerics->sums_count(sums, &counts);
      assert_int_equal(counts.elements, 2 * n + 2);
      assert_int_equal(counts.nan, 1);
      assert_int_equal(counts.positive_infinity, 2);
      assert_int_equal(counts.negative_infinity, 2);
      free(sums);
    }
  }
}

static void nothing_sums_up_to_zero_and_has_no_mean(void **state) {
  (void)state;
  uint64_t code = 7;
  canon_sums *sums = new_sums();
  double minus_zero = -0.0;
  assert_true(rounded(sums, CANON_SUMS_SUM, CANON_F64) == 0);
  assert_true(rounded(sums, CANON_SUMS_NORM, CANON_F64) == 0);
  assert_int_equal(numerics_service()->sums_round(sums, CANON_SUMS_MEAN, CANON_F64, &code), CANON_E_UNSUPPORTED);
  numerics_service()->sums_add(sums, CANON_F64, &minus_zero, 1);
  assert_true(same_double(rounded(sums, CANON_SUMS_SUM, CANON_F64), 0));
  assert_true(same_double(rounded(sums, CANON_SUMS_MEAN, CANON_F64), 0));
  free(sums);
}

static void questions_that_a_state_cannot_answer_are_refused(void **state) {
  (void)state;
  const canon_numerics *numerics = numerics_service();
  uint64_t code;
  canon_sums *sums = new_sums();
  numerics->sums_init(sums, CANON_SUMS_VALUES);
  assert_int_equal(numerics->sums_round(sums, CANON_SUMS_NORM, CANON_F64, &code), CANON_E_USAGE);
  assert_int_equal(numerics->sums_round(sums, 5, CANON_F64, &code), CANON_E_USAGE);
  assert_int_equal(numerics->sums_round(sums, 0, CANON_F64, &code), CANON_E_USAGE);
  assert_int_equal(numerics->sums_round(sums, CANON_SUMS_SUM, CANON_C64, &code), CANON_E_UNSUPPORTED);
  assert_int_equal(numerics->sums_round(sums, CANON_SUMS_SUM, CANON_BOOL, &code), CANON_E_UNSUPPORTED);
  assert_int_equal(numerics->sums_round(sums, CANON_SUMS_SUM, CANON_F8_E8M0FNU, &code), CANON_E_UNSUPPORTED);
  assert_int_equal(numerics->sums_add(NULL, CANON_C64, NULL, 0), CANON_E_UNSUPPORTED);
  assert_int_equal(numerics->sums_add(NULL, CANON_F32, NULL, 0), CANON_OK);
  numerics->sums_init(sums, CANON_SUMS_SQUARES);
  assert_int_equal(numerics->sums_round(sums, CANON_SUMS_MEAN, CANON_F64, &code), CANON_E_USAGE);
  free(sums);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(results_are_the_exact_ones_rounded_once),
      cmocka_unit_test(any_order_and_any_merging_gives_the_same),
      cmocka_unit_test(a_sum_takes_more_additions_than_a_digit_holds),
      cmocka_unit_test(merging_reaches_as_many_elements_as_a_state_takes),
      cmocka_unit_test(many_like_elements_do_not_overflow_a_bin),
      cmocka_unit_test(what_lies_far_below_a_midpoint_still_moves_it),
      cmocka_unit_test(opposite_extremes_leave_the_smallest_number),
      cmocka_unit_test(whole_numbers_give_whole_sums_or_are_refused),
      cmocka_unit_test(nan_and_infinities_follow_their_rules),
      cmocka_unit_test(nothing_sums_up_to_zero_and_has_no_mean),
      cmocka_unit_test(questions_that_a_state_cannot_answer_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
