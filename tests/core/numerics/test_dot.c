/* SPDX-License-Identifier: MIT
 * Exact dot products against MPFR, on every machine that this CPU can run: any dtype, any cut, one rounding, however
 * ill-conditioned; both ways to them, windows and ref, are taken. */
#include "tests/support/support.h"

#include "core/numerics/numerics.h"
#include "core/numerics/ref/ref.h"
#include "tests/core/numerics/oracle.h"

enum { MOST = 5000 };

static uint64_t pairs, pairs_by_ref;

static canon_sums *new_products(void) {
  canon_sums *sums = malloc(numerics_service()->sums_bytes);
  assert_non_null(sums);
  numerics_service()->sums_init(sums, CANON_SUMS_PRODUCTS);
  return sums;
}

static double rounded(const canon_sums *sums, uint32_t dtype) {
  uint64_t code = 0;
  assert_int_equal(numerics_service()->sums_round(sums, CANON_SUMS_DOT, dtype, &code), CANON_OK);
  return value_of(dtype, code);
}

static double real_at(uint32_t dtype, const void *x, uint64_t i) {
  double real;
  uint64_t code = code_at(x, dtype, i);
  numerics_service()->cast(dtype, CANON_F64, 0, &code, &real, 1, NULL); /* exact up to 32 bits */
  return real;
}

static void set_real(uint32_t dtype, void *x, uint64_t i, double value) {
  uint64_t code = 0;
  numerics_service()->cast(CANON_F64, dtype, CANON_CAST_SATURATE, &value, &code, 1, NULL);
  set_code(x, dtype, i, code);
}

/* The sum that MPFR has for the pairs, exactly. */
static void dot_exactly(mpfr_ptr sum, uint32_t dtype, const void *x, const void *y, uint64_t n) {
  mpfr_t product;
  mpfr_init2(product, 120);
  mpfr_set_zero(sum, 1);
  for (uint64_t i = 0; i < n; i++) {
    mpfr_set_d(product, real_at(dtype, x, i), MPFR_RNDN);
    assert_int_equal(mpfr_mul_d(product, product, real_at(dtype, y, i), MPFR_RNDN), 0);
    assert_int_equal(mpfr_add(sum, sum, product, MPFR_RNDN), 0);
  }
  mpfr_clear(product);
}

/* The dot product in all float types, whole and cut anywhere, against MPFR's. */
static void check(uint32_t dtype, const void *x, const void *y, uint64_t n) {
  const canon_numerics *numerics = numerics_service();
  const uint64_t size = canon_dtype_size(dtype);
  canon_sums *whole = new_products(), *cut = new_products(), *part = new_products();
  mpfr_t sum;
  mpfr_init2(sum, 4500);
  dot_exactly(sum, dtype, x, y, n);
  assert_int_equal(numerics->sums_add_products(whole, dtype, x, y, n), CANON_OK);
  for (uint64_t i = 0, count; i < n; i += count) {
    count = 1 + random_bits() % 900;
    if (count > n - i) count = n - i;
    numerics->sums_init(part, CANON_SUMS_PRODUCTS);
    numerics->sums_add_products(part, dtype, (const uint8_t *)y + i * size, (const uint8_t *)x + i * size, count);
    numerics->sums_merge(cut, part);
  }
  for (int t = 0; t < ORACLE_TYPES; t++) {
    const struct oracle_type *type = &oracle_types[t];
    if (type->dtype == CANON_F8_E8M0FNU) continue;
    double want = oracle_round(type, sum, 0);
    if (isinf(want) && !type->infinite) want = (double)NAN;
    if (want == 0 && (mpfr_zero_p(sum) || !has_negative_zero(type->dtype))) want = 0;
    assert_true(same_double(rounded(whole, type->dtype), want));
    assert_true(same_double(rounded(cut, type->dtype), want));
  }
  pairs += n;
  pairs_by_ref += ((struct sums *)(void *)whole)->by_ref;
  mpfr_clear(sum);
  free(whole), free(cut), free(part);
}

static const uint32_t dtypes[] = {CANON_BOOL,        CANON_U8,          CANON_I16,       CANON_I32,       CANON_F16,
                                  CANON_BF16,        CANON_F32,         CANON_F64,       CANON_F8_E4M3FN, CANON_F8_E5M2,
                                  CANON_F8_E4M3FNUZ, CANON_F8_E5M2FNUZ, CANON_F8_E8M0FNU};
enum { DTYPES = sizeof dtypes / sizeof dtypes[0], KINDS = 6 };

/* Ordinary; of any exponent; subnormal; near the largest; mostly zeros; of few bits and far apart. */
static double element(uint32_t dtype, int kind) {
  const struct oracle_type *type = oracle_type(dtype);
  const double value = random_normal();
  if (!type) return floor(value * 40);
  switch (kind) {
    case 1: return value_of(dtype, random_finite(dtype));
    case 2: return ldexp(floor(value * 9), type->lowest);
    case 3: return value / 8 * type->largest;
    case 4: return random_bits() % 8 ? 0 : value;
    case 5: return ldexp(value < 0 ? -1 : 1, (int)(random_bits() % 30) - 15);
    default: return value;
  }
}

static void dot_products_are_the_exact_ones_rounded_once(void **state) {
  static const uint64_t counts[] = {1, 2, 63, 64, 71, 300, 2047, 2113, MOST};
  static uint64_t x[MOST], y[MOST];
  (void)state;
  for (int t = 0; t < DTYPES; t++) {
    for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
      for (int kind = 0; kind < KINDS * KINDS; kind += 1 + kind % 3) {
        if (counts[c] > 300 && dtypes[t] != CANON_F16 && dtypes[t] != CANON_F32 && dtypes[t] != CANON_F64) continue;
        for (uint64_t i = 0; i < counts[c]; i++) {
          set_real(dtypes[t], x, i, element(dtypes[t], kind / KINDS));
          set_real(dtypes[t], y, i, element(dtypes[t], kind % KINDS));
        }
        check(dtypes[t], x, y, counts[c]);
      }
    }
  }
}

/* As Ogita, Rump and Oishi make them (Accurate sum and dot product, 2005, Algorithm 6.1): exponents from `wide` down in
 * the first half; in the second, each y is such that little is left of the sum so far. */
static void fill_cancelling(uint32_t dtype, void *x, void *y, uint64_t n, int wide) {
  const uint64_t half = n / 2;
  mpfr_t sum, product;
  mpfr_init2(sum, 4500);
  mpfr_init2(product, 120);
  mpfr_set_zero(sum, 1);
  for (uint64_t i = 0; i < n; i++) {
    const int scale =
        i < half ? (int)(random_bits() % (uint64_t)wide) : wide - (int)((i - half) * 2 * (uint64_t)wide / n);
    set_real(dtype, x, i, ldexp(random_unit() - 0.5, scale));
    set_real(dtype, y, i, ldexp(random_unit() - 0.5, scale));
    if (i >= half && real_at(dtype, x, i) != 0) {
      mpfr_set(product, sum, MPFR_RNDN);
      mpfr_div_d(product, product, -real_at(dtype, x, i), MPFR_RNDN);
      set_real(dtype, y, i, mpfr_get_d(product, MPFR_RNDN) + ldexp(random_unit() - 0.5, scale - wide));
    }
    mpfr_set_d(product, real_at(dtype, x, i), MPFR_RNDN);
    mpfr_mul_d(product, product, real_at(dtype, y, i), MPFR_RNDN);
    mpfr_add(sum, sum, product, MPFR_RNDN);
  }
  mpfr_clears(sum, product, (mpfr_ptr)0);
}

static void no_condition_is_too_bad(void **state) {
  static uint64_t x[1200], y[1200];
  (void)state;
  for (int wide = 4; wide < 900; wide = wide * 3 / 2) {
    for (int t = 0; t < DTYPES; t++) {
      if (!oracle_type(dtypes[t]) || dtypes[t] == CANON_F8_E8M0FNU) continue;
      if (dtypes[t] != CANON_F64 && wide > 100) continue;
      const uint64_t n = 6 + random_bits() % 1194;
      fill_cancelling(dtypes[t], x, y, n, wide);
      check(dtypes[t], x, y, n);
    }
  }
}

/* Sums on the midpoint of two neighbours of a type, and off it by the least that there is, beside zeros: 1 * 1, half a
 * unit of the last place (of an odd number: 3/2) as a product, and a product of two subnormals. */
static void a_midpoint_and_what_is_next_to_it_are_told_apart(void **state) {
  static double x[200], y[200];
  (void)state;
  for (int t = 0; t < ORACLE_TYPES; t++) {
    const int precision = oracle_types[t].precision;
    for (int odd = 0; odd < 2; odd++) {
      for (int side = -1; side < 2; side++) {
        for (uint64_t n = 5; n <= 200; n += 195) {
          memset(x, 0, sizeof x), memset(y, 0, sizeof y);
          const uint64_t place = random_bits() % (n - 4);
          x[place] = odd ? 1 + ldexp(1, 1 - precision) : 1, y[place] = 1;
          x[place + 1] = ldexp(1, -precision / 2), y[place + 1] = ldexp(1, precision / 2 - precision);
          x[place + 2] = ldexp(side, -1074), y[place + 2] = 0x1p-1074;
          check(CANON_F64, x, y, n);
        }
      }
    }
  }
}

/* Exponents of both as far apart as the windows of a batch reach, and one place less and more; and where an error of a
 * product could underflow or an anchor overflow. All significands full. */
static void the_ends_of_the_windows_are_exact(void **state) {
  static double x[2048], y[2048];
  static float a[2048], b[2048];
  static const int tops[] = {-512, -470, -461, -460, -459, -430, 0, 300, 505, 509, 510, 511, 512};
  (void)state;
  for (int apart = 22; apart <= 29; apart++) {
    for (size_t t = 0; t < sizeof tops / sizeof tops[0]; t++) {
      for (int i = 0; i < 2048; i++) {
        const double sign = random_bits() % 8 ? 1 : -1;
        x[i] = ldexp(sign * 0x1.FFFFFFFFFFFFFp0, i % 3 ? tops[t] : tops[t] - apart);
        y[i] = ldexp(i % 5 ? 0x1.FFFFFFFFFFFFFp0 : 0x1.0000000000001p0, i % 3 == 1 ? tops[t] : tops[t] - 24);
        a[i] = (float)ldexp(sign * 0x1.FFFFFEp0, tops[t] / 5 - (i % 3 ? 0 : apart + 3));
        b[i] = (float)ldexp(i % 5 ? 0x1.FFFFFEp0 : 0x1.000002p0, tops[t] / 5 - (i % 3 == 1 ? 0 : 27));
      }
      check(CANON_F64, x, y, 2048);
      check(CANON_F32, a, b, 2048);
    }
  }
  for (int top = 980; top < 1000; top++) { /* and factors of unlike size */
    for (int i = 0; i < 2048; i++) x[i] = ldexp(-0x1.FFFFFFFFFFFFFp0, top), y[i] = ldexp(0x1.FFFFFFFFFFFFFp0, 5 - top);
    check(CANON_F64, x, y, 128);
    check(CANON_F64, y, x, 2048);
  }
}

static void extremes_meet_without_a_loss(void **state) {
  const double huge = 0x1.FFFFFFFFFFFFFp1023, tiny = 0x1p-1074;
  const double x[] = {huge, tiny, -huge, huge, tiny}, y[] = {huge, tiny, huge, tiny, -huge};
  canon_sums *sums = new_products();
  (void)state;
  check(CANON_F64, x, y, 1);
  check(CANON_F64, x + 1, y + 1, 1);
  check(CANON_F64, x, y, 5);
  numerics_service()->sums_add_products(sums, CANON_F64, x, y, 5);
  struct number least = wide_value(&((struct sums *)(void *)sums)->values);
  assert_true(least.significand == UINT64_C(1) << 63 && least.exponent == -2148 - 63 && !least.more && !least.negative);
  free(sums);
}

/* 2^48 products of the largest doubles: the carry bound of wide.h, reached from either side. */
static void merging_reaches_as_many_products_as_a_state_takes(void **state) {
  static double x[4096], y[4096];
  const canon_numerics *numerics = numerics_service();
  canon_sums *sums = new_products(), *copy = new_products();
  canon_sums_counts counts = {.struct_size = sizeof counts};
  (void)state;
  for (int sign = -1; sign < 2; sign += 2) {
    for (int i = 0; i < 4096; i++) x[i] = sign * 0x1.FFFFFFFFFFFFFp1023, y[i] = 0x1.FFFFFFFFFFFFFp1023;
    numerics->sums_init(sums, CANON_SUMS_PRODUCTS);
    numerics->sums_add_products(sums, CANON_F64, x, y, 4096);
    for (int doubled = 12; doubled < 48; doubled++) {
      memcpy(copy, sums, numerics->sums_bytes);
      numerics->sums_merge(sums, copy);
    }
    numerics->sums_count(sums, &counts);
    assert_true(counts.elements == UINT64_C(1) << 48);
    /* ((2^53 - 1) 2^971)^2 2^48 = (2^106 - 2^54 + 1) 2^1990, whose leading 64 bits are 2^64 - 2^12 */
    struct number dot = wide_value(&((struct sums *)(void *)sums)->values);
    assert_true(dot.significand == 0 - (UINT64_C(1) << 12) && dot.exponent == 1990 + 42 && dot.more);
    assert_int_equal(dot.negative, sign < 0);
    assert_true(rounded(sums, CANON_F64) == sign * (double)INFINITY);
  }
  free(sums), free(copy);
}

static void nan_and_infinities_follow_their_rules(void **state) {
  static const double inf = (double)INFINITY, nan = (double)NAN;
  const struct {
    double x, y, dot;
  } cases[] = {{nan, 1, nan},   {1, nan, nan},     {nan, inf, nan},   {nan, 0, nan},
               {0, inf, nan},   {inf, -0.0, nan},  {inf, 2, inf},     {-2, inf, -inf},
               {inf, inf, inf}, {-inf, inf, -inf}, {-inf, -inf, inf}, {-inf, -0x1p-1074, inf}};
  static const uint32_t floats[] = {CANON_F16, CANON_BF16, CANON_F32, CANON_F64, CANON_F8_E5M2};
  static uint64_t x[100], y[100];
  (void)state;
  for (int t = 0; t < 5; t++) {
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
      for (uint64_t n = 1; n <= 100; n += 99) { /* below and above where windows are worth while */
        canon_sums_counts counts = {.struct_size = sizeof counts};
        canon_sums *sums = new_products();
        const double zero = cases[c].y == -0x1p-1074 && floats[t] != CANON_F64; /* there is none so small */
        for (uint64_t i = 0; i < n; i++) set_real(floats[t], x, i, 1), set_real(floats[t], y, i, -3);
        set_real(floats[t], x, n / 2, cases[c].x), set_real(floats[t], y, n / 2, cases[c].y);
        numerics_service()->sums_add_products(sums, floats[t], x, y, n);
        numerics_service()->sums_count(sums, &counts);
        const double want = zero != 0 ? nan : cases[c].dot;
        assert_true(same_double(rounded(sums, CANON_F64), want) && same_double(rounded(sums, CANON_F16), want));
        assert_int_equal(counts.elements, n);
        assert_int_equal(counts.nan, isnan(want));
        assert_int_equal(counts.positive_infinity, want == inf);
        assert_int_equal(counts.negative_infinity, want == -inf);
        free(sums);
      }
    }
  }
  canon_sums *sums = new_products();
  const double one = 1;
  numerics_service()->sums_add_products(sums, CANON_F64, &one, &inf, 1);
  assert_true(rounded(sums, CANON_F32) == inf);
  numerics_service()->sums_add_products(sums, CANON_F64, &one, &(double){-inf}, 1);
  assert_true(isnan(rounded(sums, CANON_F32)));
  free(sums);
}

static void whole_numbers_have_whole_dot_products(void **state) {
  const int64_t x[] = {INT64_MIN, INT64_MAX, -3}, y[] = {INT64_MIN, INT64_MAX, 5};
  const canon_numerics *numerics = numerics_service();
  canon_sums *sums = new_products();
  int64_t dot = 0;
  (void)state;
  assert_int_equal(numerics->sums_add_products(sums, CANON_I64, x + 2, y + 2, 1), CANON_OK);
  assert_int_equal(numerics->sums_round(sums, CANON_SUMS_DOT, CANON_I64, &dot), CANON_OK);
  assert_int_equal(dot, -15);
  assert_int_equal(numerics->sums_round(sums, CANON_SUMS_DOT, CANON_U64, &dot), CANON_E_UNSUPPORTED);
  numerics->sums_add_products(sums, CANON_I64, x, y, 2); /* 2^126 + (2^63 - 1)^2 */
  assert_int_equal(numerics->sums_round(sums, CANON_SUMS_DOT, CANON_I64, &dot), CANON_E_UNSUPPORTED);
  assert_true(rounded(sums, CANON_F64) == 0x1p127);
  numerics->sums_add_products(sums, CANON_I64, (const int64_t[]){INT64_MIN, INT64_MIN, 15},
                              (const int64_t[]){INT64_MAX, INT64_MAX, 1}, 3);
  assert_int_equal(numerics->sums_round(sums, CANON_SUMS_DOT, CANON_I64, &dot), CANON_OK);
  assert_int_equal(dot, 1); /* (2^63 - (2^63 - 1))^2 */
  free(sums);
}

static void what_a_state_does_not_keep_is_refused(void **state) {
  const canon_numerics *numerics = numerics_service();
  const double x = 2;
  uint64_t code;
  canon_sums *sums = new_products();
  (void)state;
  assert_int_equal(numerics->sums_add(sums, CANON_F64, &x, 1), CANON_E_USAGE);
  for (uint32_t what = 0; what < 8; what++) {
    const int32_t want = what == CANON_SUMS_DOT ? CANON_OK : CANON_E_USAGE;
    assert_int_equal(numerics->sums_round(sums, what, CANON_F64, &code), want);
  }
  assert_int_equal(numerics->sums_add_products(sums, CANON_C64, &x, &x, 1), CANON_E_UNSUPPORTED);
  assert_int_equal(numerics->sums_add_products(NULL, CANON_C64, NULL, NULL, 0), CANON_E_UNSUPPORTED);
  assert_int_equal(numerics->sums_add_products(NULL, CANON_BF16, NULL, NULL, 0), CANON_OK);
  for (uint32_t kinds = 0; kinds < 8; kinds++) {
    numerics->sums_init(sums, kinds);
    if (kinds == CANON_SUMS_PRODUCTS) continue;
    assert_int_equal(numerics->sums_add_products(sums, CANON_F64, &x, &x, 1), CANON_E_USAGE);
    if (!(kinds & CANON_SUMS_PRODUCTS)) {
      assert_int_equal(numerics->sums_round(sums, CANON_SUMS_DOT, CANON_F64, &code), CANON_E_USAGE);
    }
  }
  free(sums);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(dot_products_are_the_exact_ones_rounded_once),
      cmocka_unit_test(no_condition_is_too_bad),
      cmocka_unit_test(a_midpoint_and_what_is_next_to_it_are_told_apart),
      cmocka_unit_test(the_ends_of_the_windows_are_exact),
      cmocka_unit_test(extremes_meet_without_a_loss),
      cmocka_unit_test(merging_reaches_as_many_products_as_a_state_takes),
      cmocka_unit_test(nan_and_infinities_follow_their_rules),
      cmocka_unit_test(whole_numbers_have_whole_dot_products),
      cmocka_unit_test(what_a_state_does_not_keep_is_refused),
  };
  int failures = 0;
  for (size_t i = 0; dispatch_machine(i); i++) {
    dispatch_limit(dispatch_machine(i));
    if (strcmp(numerics_service()->isa(), dispatch_machine(i)) != 0) continue; /* not on this CPU */
    pairs = pairs_by_ref = 0;
    failures += _cmocka_run_group_tests(dispatch_machine(i), tests, sizeof tests / sizeof tests[0], NULL, NULL);
    print_message("%s: %d pairs, %d by ref\n", dispatch_machine(i), (int)pairs, (int)pairs_by_ref);
    if (i > 0 && (pairs_by_ref < pairs / 100 || pairs - pairs_by_ref < pairs / 100)) failures++;
  }
  return failures;
}
