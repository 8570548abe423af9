/* SPDX-License-Identifier: MIT
 * normalize against MPFR: random rows, rows made to lie on and next to where rounding turns, special rows. */
#include "tests/support/support.h"

#include "core/numerics/numerics.h"
#include "core/numerics/ref/ref.h"
#include "tests/core/numerics/oracle.h"

static const uint32_t dtypes[] = {CANON_F16,       CANON_BF16,    CANON_F32,         CANON_F64,
                                  CANON_F8_E4M3FN, CANON_F8_E5M2, CANON_F8_E4M3FNUZ, CANON_F8_E5M2FNUZ};
enum { DTYPES = sizeof dtypes / sizeof dtypes[0], WIDEST = 4096 };

static void assert_same_bytes(const void *a, const void *b, size_t bytes) { assert_memory_equal(a, b, bytes); }

/* n by MPFR, which rounds square roots correctly to any precision and has exponents to spare. */
static void oracle_norm(mpfr_ptr norm, uint32_t dtype, const void *x, uint64_t axis) {
  mpfr_t sum, square;
  mpfr_inits2(4400, sum, square, (mpfr_ptr)0);
  mpfr_set_zero(sum, 1);
  for (uint64_t i = 0; i < axis; i++) {
    mpfr_set_d(square, value_of(dtype, code_at(x, dtype, i)), MPFR_RNDN);
    assert_int_equal(mpfr_sqr(square, square, MPFR_RNDN), 0);
    assert_int_equal(mpfr_add(sum, sum, square, MPFR_RNDN), 0);
  }
  mpfr_set_prec(norm, dtype == CANON_F64 ? 53 : 24);
  mpfr_sqrt(norm, sum, MPFR_RNDN);
  mpfr_clears(sum, square, (mpfr_ptr)0);
}

/* Holds y against MPFR's quotients of a finite row. */
static void assert_normalized(uint32_t dtype, const void *x, const void *y, uint64_t axis) {
  mpfr_t divisor, smallest, quotient, element;
  mpfr_inits2(dtype == CANON_F64 ? 53 : 24, divisor, smallest, (mpfr_ptr)0);
  mpfr_init2(quotient, 300);
  mpfr_init2(element, 53);
  oracle_norm(divisor, dtype, x, axis);
  mpfr_set_str(smallest, "1e-12", 10, MPFR_RNDN);
  mpfr_max(divisor, divisor, smallest, MPFR_RNDN);
  for (uint64_t i = 0; i < axis; i++) {
    mpfr_set_d(element, value_of(dtype, code_at(x, dtype, i)), MPFR_RNDN);
    int more = mpfr_div(quotient, element, divisor, MPFR_RNDZ) != 0;
    double want = oracle_round(oracle_type(dtype), quotient, more);
    if (want == 0 && !has_negative_zero(dtype)) want = 0;
    double got = value_of(dtype, code_at(y, dtype, i));
    if (!same_double(got, want)) fail_msg("dtype %u, element %d: %a, not %a", dtype, (int)i, got, want);
  }
  mpfr_clears(divisor, smallest, quotient, element, (mpfr_ptr)0);
}

/* Both kernels, and the first of them against MPFR. */
static uint64_t check_row(uint32_t dtype, const void *x, uint64_t axis) {
  static uint64_t y[WIDEST], ref[WIDEST];
  canon_normalize_report report = {.struct_size = sizeof report}, ref_report = report;
  assert_int_equal(numerics_service()->normalize(dtype, x, y, 1, axis, 1, &report), CANON_OK);
  ref_normalize(dtype, x, ref, 1, axis, 1, &ref_report);
  assert_same_bytes(y, ref, axis * canon_dtype_size(dtype));
  assert_int_equal(report.small_rows, ref_report.small_rows);
  assert_normalized(dtype, x, y, axis);
  return report.exact_rows;
}

static uint64_t nearest_code(uint32_t dtype, double value) {
  uint64_t code = 0;
  canon_cast_report report = {.struct_size = sizeof report};
  assert_int_equal(numerics_service()->cast(CANON_F64, dtype, CANON_CAST_SATURATE, &value, &code, 1, &report),
                   CANON_OK);
  return code;
}

/* Rows of every kind: ordinary, of any exponents, subnormal, near the largest, near 1e-12, one huge among small. */
static void fill_row(uint32_t dtype, uint64_t *x, uint64_t axis, int kind) {
  const struct oracle_type *type = oracle_type(dtype);
  double scale = kind == 3 ? type->largest : kind == 4 ? ldexp(1, type->lowest + 2) : kind == 5 ? 1e-12 : 1;
  for (uint64_t i = 0; i < axis; i++) {
    double value = kind == 3 ? (2 * random_unit() - 1) * scale : random_normal() * scale;
    if (kind == 1) value = ldexp(value, -(int)(random_bits() % 40));
    if (kind == 6 && i == 0) value = type->largest / 16;
    set_code(x, dtype, i, kind == 2 ? random_finite(dtype) : nearest_code(dtype, value));
  }
}

static void every_row_is_normalized_as_mpfr_says(void **state) {
  static const uint64_t widths[] = {1, 2, 3, 7, 8, 15, 16, 17, 31, 96, 100, 128, 255, 256, 257, 300, 768, 1023};
  static uint64_t x[WIDEST];
  (void)state;
  for (int t = 0; t < DTYPES; t++) {
    for (size_t w = 0; w < sizeof widths / sizeof widths[0]; w++) {
      for (int kind = 0; kind < 7; kind++) {
        for (int repeat = 0; repeat < (widths[w] < 20 ? 20 : 2); repeat++) {
          fill_row(dtypes[t], x, widths[w], kind);
          check_row(dtypes[t], x, widths[w]);
        }
      }
    }
  }
}

/* Elements, whole multiples of 2^unit, whose squares sum up to target * 2^(2 unit): the largest that fits, until
 * nothing is left. */
static uint64_t squares_that_sum_up(uint32_t dtype, mpz_srcptr target, int unit, uint64_t *x) {
  int precision = oracle_type(dtype)->precision;
  uint64_t count = 0;
  mpz_t rest, root;
  mpz_init_set(rest, target);
  mpz_init(root);
  while (mpz_sgn(rest) > 0) {
    mpz_sqrt(root, rest);
    size_t bits = mpz_sizeinbase(root, 2);
    if (bits > (size_t)precision) {
      mpz_fdiv_q_2exp(root, root, bits - (size_t)precision);
      mpz_mul_2exp(root, root, bits - (size_t)precision);
    }
    double value = ldexp(mpz_get_d(root), unit);
    assert_true(count < WIDEST);
    uint64_t code = nearest_code(dtype, random_bits() & 1 ? value : -value);
    assert_true(fabs(value_of(dtype, code)) == value);
    set_code(x, dtype, count++, code);
    mpz_submul(rest, root, root);
  }
  mpz_clears(rest, root, NULL);
  return count;
}

/* Rows whose norm lies on a midpoint of two neighbours with this many bits, or off it by one part in
 * 2^(2 bits + 2 apart) of its square. Returns the rows that the bound left to exact arithmetic. */
static uint64_t rows_at_midpoints(uint32_t dtype, int bits, int apart, int rows) {
  static uint64_t x[WIDEST];
  uint64_t exact = 0;
  mpz_t target;
  mpz_init(target);
  for (int row = 0; row < rows; row++) {
    uint64_t middle = (UINT64_C(1) << bits) | (random_bits() >> (64 - bits)) | 1;
    int unit = dtype == CANON_F16 ? oracle_type(dtype)->lowest : (int)(random_bits() % 9) - bits - apart;
    mpz_set_ui(target, (unsigned long)middle);
    mpz_mul(target, target, target);
    mpz_mul_2exp(target, target, (mp_bitcnt_t)(2 * apart));
    if (row % 3 == 0) mpz_sub_ui(target, target, 1);
    if (row % 3 == 1) mpz_add_ui(target, target, 1);
    exact += check_row(dtype, x, squares_that_sum_up(dtype, target, unit, x));
  }
  mpz_clear(target);
  return exact;
}

static void a_norm_on_or_next_to_a_midpoint_is_decided_by_exact_arithmetic(void **state) {
  (void)state;
  assert_int_equal(rows_at_midpoints(CANON_F32, 24, 4, 300), 300);
  assert_int_equal(rows_at_midpoints(CANON_F32, 24, 40, 300), 300);
  assert_int_equal(rows_at_midpoints(CANON_BF16, 24, 4, 300), 300);
  assert_int_equal(rows_at_midpoints(CANON_BF16, 24, 20, 300), 300);
  assert_int_equal(rows_at_midpoints(CANON_F64, 53, 0, 300), 300);
  assert_int_equal(rows_at_midpoints(CANON_F64, 53, 60, 300), 300);
}

static void a_norm_near_a_midpoint_may_be_decided_either_way(void **state) {
  (void)state;
  assert_in_range(rows_at_midpoints(CANON_F16, 24, 0, 3000), 1000, 3000);
  assert_in_range(rows_at_midpoints(CANON_F32, 24, 0, 3000), 1000, 2999);
}

/* The same sums, with the midpoint far enough away: the bound decides almost all of them. */
static void a_norm_away_from_midpoints_is_decided_by_the_bound(void **state) {
  (void)state;
  uint64_t x[96], exact = 0;
  for (int row = 0; row < 2000; row++) {
    fill_row(CANON_F32, x, 96, 0);
    exact += check_row(CANON_F32, x, 96);
    fill_row(CANON_F64, x, 96, 0);
    exact += check_row(CANON_F64, x, 96);
  }
  assert_in_range(exact, 0, 10);
}

/* Fills a row with one value, and one element with another. */
static void fill(uint32_t dtype, uint64_t *x, uint64_t axis, uint64_t code, uint64_t place, uint64_t other) {
  for (uint64_t i = 0; i < axis; i++) set_code(x, dtype, i, i == place ? other : code);
}

static uint64_t nan_of(uint32_t dtype) { return nearest_code(dtype, (double)NAN); }

static void a_nan_anywhere_makes_the_row_the_canonical_nan(void **state) {
  uint64_t x[300], y[300];
  (void)state;
  for (int t = 0; t < DTYPES; t++) {
    uint64_t codes = UINT64_C(1) << (8 * canon_dtype_size(dtypes[t]) - 1), nan = nan_of(dtypes[t]);
    /* the nan itself, and the largest code, which is a negative NaN with a payload where the type has such */
    uint64_t nans[] = {nan, isnan(value_of(dtypes[t], 2 * codes - 1)) ? 2 * codes - 1 : nan};
    for (int k = 0; k < 2; k++) {
      for (uint64_t place = 0; place < 300; place += 23) {
        canon_normalize_report report = {.struct_size = sizeof report};
        fill(dtypes[t], x, 300, nearest_code(dtypes[t], 1), place, nans[k]);
        numerics_service()->normalize(dtypes[t], x, y, 1, 300, 1, &report);
        for (uint64_t i = 0; i < 300; i++) assert_int_equal(code_at(y, dtypes[t], i), nan);
        assert_int_equal(report.nan_rows, 1);
        assert_int_equal(report.infinite_rows, 0);
      }
    }
  }
}

static void a_signalling_nan_with_its_payload_in_the_low_bits_is_seen(void **state) {
  uint64_t x[3] = {0, UINT64_C(0x7FF0000000000001), 0}, y[3];
  (void)state;
  numerics_service()->normalize(CANON_F64, x, y, 1, 3, 1, NULL);
  for (int i = 0; i < 3; i++) assert_int_equal(y[i], UINT64_C(0x7FF8000000000000));
}

static void infinities_become_nan_and_the_rest_signed_zeros(void **state) {
  uint64_t x[300], y[300];
  (void)state;
  for (int t = 0; t < DTYPES; t++) {
    if (!oracle_type(dtypes[t])->infinite) continue;
    canon_normalize_report report = {.struct_size = sizeof report};
    fill(dtypes[t], x, 300, nearest_code(dtypes[t], -3), 299, nearest_code(dtypes[t], -(double)INFINITY));
    set_code(x, dtypes[t], 0, nearest_code(dtypes[t], (double)INFINITY));
    set_code(x, dtypes[t], 1, nearest_code(dtypes[t], 2));
    set_code(x, dtypes[t], 2, nearest_code(dtypes[t], 0));
    set_code(x, dtypes[t], 3, nearest_code(dtypes[t], -0.0));
    numerics_service()->normalize(dtypes[t], x, y, 1, 300, 1, &report);
    assert_int_equal(code_at(y, dtypes[t], 0), nan_of(dtypes[t]));
    assert_int_equal(code_at(y, dtypes[t], 299), nan_of(dtypes[t]));
    assert_int_equal(code_at(y, dtypes[t], 1), 0);
    assert_int_equal(code_at(y, dtypes[t], 2), 0);
    for (uint64_t i = 3; i < 299; i++) assert_int_equal(code_at(y, dtypes[t], i), nearest_code(dtypes[t], -0.0));
    assert_int_equal(report.infinite_rows, 1);
    assert_int_equal(report.nan_rows, 0);
  }
}

static void zeros_stay_zeros_with_their_signs(void **state) {
  uint64_t x[20], y[20];
  (void)state;
  for (int t = 0; t < DTYPES; t++) {
    canon_normalize_report report = {.struct_size = sizeof report};
    fill(dtypes[t], x, 20, 0, 7, nearest_code(dtypes[t], -0.0));
    numerics_service()->normalize(dtypes[t], x, y, 1, 20, 1, &report);
    assert_same_bytes(x, y, 20 * canon_dtype_size(dtypes[t]));
    assert_int_equal(report.small_rows, 1);
  }
}

static void a_finite_row_of_the_largest_numbers_gives_no_infinity(void **state) {
  static uint64_t x[WIDEST];
  (void)state;
  for (int t = 0; t < DTYPES; t++) {
    fill(dtypes[t], x, 1000, nearest_code(dtypes[t], oracle_type(dtypes[t])->largest), 5, 1);
    set_code(x, dtypes[t], 7, nearest_code(dtypes[t], -1));
    check_row(dtypes[t], x, 1000);
  }
}

static void quotients_in_the_subnormal_range_are_rounded_once(void **state) {
  static uint64_t x[WIDEST];
  (void)state;
  for (int t = 0; t < DTYPES; t++) {
    for (int row = 0; row < 200; row++) {
      const struct oracle_type *type = oracle_type(dtypes[t]);
      double top = dtypes[t] == CANON_F64 ? 0x1p60 : dtypes[t] == CANON_F32 || dtypes[t] == CANON_BF16 ? 0x1p20 : 7;
      set_code(x, dtypes[t], 0, nearest_code(dtypes[t], top * (1 + random_unit())));
      for (uint64_t i = 1; i < 40; i++) {
        double near = ldexp(random_normal(), type->lowest + (int)(random_bits() % 30));
        set_code(x, dtypes[t], i, nearest_code(dtypes[t], near * (random_bits() & 1 ? top : 1)));
      }
      check_row(dtypes[t], x, 40);
    }
  }
}

static void rows_along_any_axis_are_the_same_rows(void **state) {
  static const uint64_t shapes[][3] = {{3, 5, 1}, {2, 96, 7}, {1, 300, 65}, {4, 1, 33}, {2, 257, 130}, {1, 700, 3}};
  (void)state;
  for (int t = 0; t < DTYPES; t++) {
    uint64_t size = canon_dtype_size(dtypes[t]);
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++) {
      uint64_t outer = shapes[s][0], axis = shapes[s][1], inner = shapes[s][2];
      uint8_t *x = calloc(outer * axis * inner, size), *y = calloc(outer * axis * inner, size);
      uint64_t row[700], want[700];
      for (uint64_t i = 0; i < outer * axis * inner; i++)
        set_code(x, dtypes[t], i, nearest_code(dtypes[t], random_normal()));
      if (s == 4) set_code(x, dtypes[t], 1, nan_of(dtypes[t]));
      numerics_service()->normalize(dtypes[t], x, y, outer, axis, inner, NULL);
      for (uint64_t o = 0; o < outer; o++) {
        for (uint64_t j = 0; j < inner; j++) {
          for (uint64_t i = 0; i < axis; i++) {
            set_code(row, dtypes[t], i, code_at(x, dtypes[t], (o * axis + i) * inner + j));
          }
          numerics_service()->normalize(dtypes[t], row, want, 1, axis, 1, NULL);
          for (uint64_t i = 0; i < axis; i++) {
            assert_int_equal(code_at(y, dtypes[t], (o * axis + i) * inner + j), code_at(want, dtypes[t], i));
          }
        }
      }
      numerics_service()->normalize(dtypes[t], x, x, outer, axis, inner, NULL);
      assert_same_bytes(x, y, outer * axis * inner * size);
      free(x);
      free(y);
    }
  }
}

static void empty_rows_and_unknown_dtypes_write_nothing(void **state) {
  uint8_t y = 7;
  (void)state;
  assert_int_equal(numerics_service()->normalize(CANON_F32, &y, &y, 0, 3, 1, NULL), CANON_OK);
  assert_int_equal(numerics_service()->normalize(CANON_F32, &y, &y, 3, 0, 1, NULL), CANON_OK);
  assert_int_equal(numerics_service()->normalize(CANON_F8_E8M0FNU, &y, &y, 1, 1, 1, NULL), CANON_E_UNSUPPORTED);
  assert_int_equal(numerics_service()->normalize(CANON_I64, &y, &y, 1, 1, 1, NULL), CANON_E_UNSUPPORTED);
  assert_int_equal(numerics_service()->normalize(CANON_C64, &y, &y, 1, 1, 1, NULL), CANON_E_UNSUPPORTED);
  assert_int_equal(numerics_service()->normalize(9999, &y, &y, 1, 1, 1, NULL), CANON_E_UNSUPPORTED);
  assert_int_equal(y, 7);
}

/* 1024 x 96 floats, uniform in [-0.4, 0.4), whose rows torch 2.7.1 and 2.8.0 normalize to different bits. */
static const void *array(const char *name, size_t bytes, uint8_t **file) {
  char path[64];
  size_t size;
  snprintf(path, sizeof path, "corpus/norm/%s.npy", name);
  *file = support_slurp(path, &size);
  size_t start = 10 + (size_t)(*file)[8] + 256 * (size_t)(*file)[9];
  assert_int_equal(size, start + bytes);
  return *file + start;
}

static void the_published_tensor_has_its_published_bits(void **state) {
  enum { ROWS = 1024, COLUMNS = 96, N = ROWS * COLUMNS };
  static float y[N];
  static uint16_t half[N];
  uint8_t *files[4];
  (void)state;
  const float *t = array("t", sizeof y, &files[0]);
  const void *norm = array("ref_norm", sizeof y, &files[1]), *ref_half = array("ref_half", sizeof half, &files[2]);
  const float *row_norm = array("ref_rownorm", ROWS * sizeof(float), &files[3]);
  const canon_numerics *numerics = numerics_service();
  assert_int_equal(numerics->normalize(CANON_F32, t, y, ROWS, COLUMNS, 1, NULL), CANON_OK);
  assert_same_bytes(y, norm, sizeof y);
  assert_int_equal(numerics->cast(CANON_F32, CANON_F16, 0, y, half, N, NULL), CANON_OK);
  assert_same_bytes(half, ref_half, sizeof half);
  for (int row = 0; row < ROWS; row++) {
    struct number n = ref_norm(CANON_F32, t + row * COLUMNS, COLUMNS, sizeof(float));
    assert_true(ldexp((double)n.significand, n.exponent) == (double)row_norm[row]);
  }
  for (int i = 0; i < 4; i++) free(files[i]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_row_is_normalized_as_mpfr_says),
      cmocka_unit_test(a_norm_on_or_next_to_a_midpoint_is_decided_by_exact_arithmetic),
      cmocka_unit_test(a_norm_near_a_midpoint_may_be_decided_either_way),
      cmocka_unit_test(a_norm_away_from_midpoints_is_decided_by_the_bound),
      cmocka_unit_test(a_nan_anywhere_makes_the_row_the_canonical_nan),
      cmocka_unit_test(a_signalling_nan_with_its_payload_in_the_low_bits_is_seen),
      cmocka_unit_test(infinities_become_nan_and_the_rest_signed_zeros),
      cmocka_unit_test(zeros_stay_zeros_with_their_signs),
      cmocka_unit_test(a_finite_row_of_the_largest_numbers_gives_no_infinity),
      cmocka_unit_test(quotients_in_the_subnormal_range_are_rounded_once),
      cmocka_unit_test(rows_along_any_axis_are_the_same_rows),
      cmocka_unit_test(empty_rows_and_unknown_dtypes_write_nothing),
      cmocka_unit_test(the_published_tensor_has_its_published_bits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
