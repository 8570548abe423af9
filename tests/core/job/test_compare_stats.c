/* SPDX-License-Identifier: MIT
 * test_compare_stats.c: norms, products and bins of random pairs are those that MPFR finds, in any order of blocks. */
#include <stdint.h> /* before mpfr.h */

#include "tests/core/numerics/oracle.h"

#include "core/job/compare.h"
#include "tests/support/support.h"

enum { N = 1200, COLUMNS = 40 };

static uint64_t a[N], b[N]; /* room for any dtype */
static const struct rules no_checks = {.n = 1};

static void run(uint32_t dtype, uint64_t n, uint64_t block, canon_diff_stats *stats, struct tally *tally) {
  static struct marks marks;
  struct pair pair = {.element = element_of(dtype), .elements = n, .rules = &no_checks, .marks = &marks};
  struct spread all;
  void *scratch = malloc(compare_scratch());
  memset(&marks, 0, sizeof marks);
  marks.rows = (n + COLUMNS - 1) / COLUMNS;
  marks.columns = COLUMNS;
  tally_init(tally);
  spread_init(&all);
  for (uint64_t i = (n + block - 1) / block; i--;) {
    uint64_t first = i * block, count = n - first < block ? n - first : block, offset = first * pair.element.size;
    struct tally part;
    struct spread spread;
    tally_init(&part);
    spread_init(&spread);
    compare_block(&pair, (uint8_t *)a + offset, (uint8_t *)b + offset, first, count, scratch, &part, &spread);
    tally_merge(tally, &part, &no_checks);
    spread_merge(&all, &spread);
  }
  memset(stats, 0, sizeof *stats);
  spread_finish(&all, &marks, stats);
  free(scratch);
}

static double value_at(uint32_t dtype, const void *x, uint64_t i, mpfr_t exact) {
  uint64_t code = code_at(x, dtype, i);
  if (dtype == CANON_I64) mpfr_set_sj(exact, (int64_t)code, MPFR_RNDN);
  else mpfr_set_d(exact, value_of(dtype, code), MPFR_RNDN);
  return mpfr_get_d(exact, MPFR_RNDN);
}

/* To binary64 with subnormals and overflow, from an exact number, or the square root of one. */
static double to_double(mpfr_t x, int root) {
  mpfr_t result;
  mpfr_init2(result, 300);
  int inexact = root ? mpfr_sqrt(result, x, MPFR_RNDZ) : mpfr_set(result, x, MPFR_RNDZ);
  double value = oracle_round(oracle_type(CANON_F64), result, inexact != 0);
  mpfr_clear(result);
  return value;
}

static void assert_stats(uint32_t dtype, uint64_t n) {
  canon_diff_stats stats, again;
  struct tally tally;
  mpfr_t x, y, term, aa, bb, ab, change;
  mpfr_inits2(4600, x, y, term, aa, bb, ab, change, (mpfr_ptr)0);
  mpfr_set_zero(aa, 1), mpfr_set_zero(bb, 1), mpfr_set_zero(ab, 1), mpfr_set_zero(change, 1);
  uint64_t bins = 0, relative = 0, rows = 0, row_seen = CANON_NONE, moved = 0;
  for (uint64_t i = 0; i < n; i++) {
    double p = value_at(dtype, a, i, x), q = value_at(dtype, b, i, y);
    if (code_at(a, dtype, i) != code_at(b, dtype, i) && i / COLUMNS != row_seen) rows++, row_seen = i / COLUMNS;
    if (!isfinite(p) || !isfinite(q)) continue;
    mpfr_sqr(term, x, MPFR_RNDN), mpfr_add(aa, aa, term, MPFR_RNDN);
    mpfr_sqr(term, y, MPFR_RNDN), mpfr_add(bb, bb, term, MPFR_RNDN);
    mpfr_mul(term, x, y, MPFR_RNDN), mpfr_add(ab, ab, term, MPFR_RNDN);
    moved += mpfr_cmp(x, y) != 0;
    mpfr_sub(x, x, y, MPFR_RNDN), mpfr_sqr(term, x, MPFR_RNDN), mpfr_add(change, change, term, MPFR_RNDN);
  }
  run(dtype, n, 333, &stats, &tally);
  run(dtype, n, 1024, &again, &tally);
  assert_memory_equal(&stats, &again, sizeof stats);
  assert_true(same_double(stats.norm_a, to_double(aa, 1)));
  assert_true(same_double(stats.norm_b, to_double(bb, 1)));
  assert_true(same_double(stats.norm_change, to_double(change, 1)));
  if (mpfr_zero_p(aa) || mpfr_zero_p(bb)) {
    assert_true(isnan(stats.cosine_distance) || isinf(stats.cosine_distance));
  } else {
    mpfr_mul(term, aa, bb, MPFR_RNDN), mpfr_sqrt(term, term, MPFR_RNDN), mpfr_div(ab, ab, term, MPFR_RNDN);
    double cosine = to_double(ab, 0);
    mpfr_ui_sub(ab, 1, ab, MPFR_RNDN), mpfr_div(change, change, term, MPFR_RNDN);
    double distance = to_double(ab, 0), scale = fmin(to_double(change, 0), 2);
    assert_true(fabs(stats.cosine_distance - distance) <= 1e-14 * scale);
    assert_true(fabs(stats.cosine - cosine) <= 1e-14);
  }
  assert_int_equal(stats.rows_hit, rows);
  for (int i = 0; i < CANON_ULP_BINS; i++) bins += stats.ulp[i];
  for (int i = 0; i < CANON_RELATIVE_BINS; i++) relative += stats.relative[i];
  assert_int_equal(bins, dtype == CANON_I64 ? 0 : moved);
  assert_int_equal(relative + stats.to_zero, moved);
  mpfr_clears(x, y, term, aa, bb, ab, change, (mpfr_ptr)0);
}

static void fill(uint32_t dtype, unsigned likeness, int finite) {
  for (uint64_t i = 0; i < N; i++) {
    uint64_t code = random_bits() >> (64 - 8 * canon_dtype_size(dtype)), other = code;
    if (finite && dtype != CANON_I64) code = other = random_finite(dtype);
    if (random_bits() % likeness == 0) other ^= random_bits() % 8;
    if (random_bits() % likeness == 0 && !finite) other = random_bits() >> (64 - 8 * canon_dtype_size(dtype));
    set_code(a, dtype, i, code);
    set_code(b, dtype, i, other);
  }
}

static void test_norms_and_bins_of_every_kind_of_number(void **state) {
  static const uint32_t dtypes[] = {CANON_F16, CANON_BF16,      CANON_F32,    CANON_F64,
                                    CANON_I64, CANON_F8_E4M3FN, CANON_F8_E5M2};
  (void)state;
  for (size_t d = 0; d < sizeof dtypes / sizeof *dtypes; d++)
    for (unsigned likeness = 1; likeness <= 1000; likeness *= 10)
      for (int finite = 0; finite < 2; finite++) {
        fill(dtypes[d], likeness, finite);
        assert_stats(dtypes[d], N);
        assert_stats(dtypes[d], 3);
      }
}

static void test_subnormal_numbers(void **state) {
  (void)state;
  for (uint64_t i = 0; i < N; i++)
    set_code(a, CANON_F64, i, i % 5), set_code(b, CANON_F64, i, i % 3 | (uint64_t)(i % 2) << 63);
  assert_stats(CANON_F64, N);
}

/* Squares beyond either end of the doubles, of opposite numbers and of near ones. */
static void test_angles_of_huge_and_tiny_numbers(void **state) {
  static const uint64_t ends[] = {UINT64_C(1) << 52, UINT64_C(100) << 52, UINT64_C(2000) << 52, UINT64_C(2045) << 52};
  (void)state;
  for (size_t e = 0; e < sizeof ends / sizeof *ends; e++)
    for (unsigned near = 0; near < 2; near++) {
      for (uint64_t i = 0; i < N; i++) {
        uint64_t code = ends[e] | random_bits() >> 12;
        set_code(a, CANON_F64, i, code), set_code(b, CANON_F64, i, near ? code ^ (i & 3) : code ^ UINT64_C(1) << 63);
      }
      assert_stats(CANON_F64, N);
    }
}

static void test_bins_meet(void **state) {
  (void)state;
  assert_int_equal(canon_ulp_bin_start(0), 0);
  assert_int_equal(canon_ulp_bin_start(CANON_ULP_BINS - 1), UINT64_C(15) << 60);
  for (uint64_t i = 1; i < CANON_ULP_BINS; i++) {
    canon_diff_stats stats;
    struct tally tally;
    uint64_t start = canon_ulp_bin_start(i);
    assert_true(start > canon_ulp_bin_start(i - 1));
    if (start >> 62) continue; /* from -inf nearly to inf is less */
    for (uint64_t ulp = start - (i > 1); ulp <= start; ulp++) {
      set_code(a, CANON_F64, 0, 0);
      set_code(b, CANON_F64, 0, ulp);
      if (ulp >= UINT64_C(0x7FF0000000000000)) continue;
      run(CANON_F64, 1, 1, &stats, &tally);
      assert_int_equal(tally.max_ulp, ulp);
      assert_int_equal(stats.ulp[ulp == start ? i : i - 1], 1);
    }
  }
}

static void test_one_offset_one_column(void **state) {
  (void)state;
  canon_diff_stats stats;
  struct tally tally;
  for (uint64_t i = 0; i < N; i++) {
    float x = (float)i, y = i % COLUMNS == 7 && i / COLUMNS < 20 ? x + 0.5f : x;
    memcpy((float *)(void *)a + i, &x, 4);
    memcpy((float *)(void *)b + i, &y, 4);
  }
  run(CANON_F32, N, 100, &stats, &tally);
  assert_int_equal(stats.columns_hit, 1);
  assert_int_equal(stats.first_column, 7);
  assert_int_equal(stats.last_column, 7);
  assert_int_equal(stats.rows_hit, 20);
  assert_int_equal(stats.last_row, 19);
  assert_true(stats.least_change == 0.5 && stats.greatest_change == 0.5);
  assert_int_equal(tally.rising, 20);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_norms_and_bins_of_every_kind_of_number),
      cmocka_unit_test(test_subnormal_numbers),
      cmocka_unit_test(test_angles_of_huge_and_tiny_numbers),
      cmocka_unit_test(test_bins_meet),
      cmocka_unit_test(test_one_offset_one_column),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
