/* SPDX-License-Identifier: MIT
 * cast against MPFR: all codes of the 8-bit and 16-bit types, samples of the others, to every real type; what is
 * refused, saturated, counted. CANON_TEST_FULL=1 adds all floats to f16 and bf16, some minutes. */
#include "tests/support/support.h"

#include "core/numerics/numerics.h"
#include "core/numerics/ref/ref.h"
#include "tests/core/numerics/oracle.h"

static const uint32_t reals[] = {CANON_BOOL,        CANON_U8,          CANON_U16,       CANON_U32,       CANON_U64,
                                 CANON_I8,          CANON_I16,         CANON_I32,       CANON_I64,       CANON_F16,
                                 CANON_BF16,        CANON_F32,         CANON_F64,       CANON_F8_E4M3FN, CANON_F8_E5M2,
                                 CANON_F8_E4M3FNUZ, CANON_F8_E5M2FNUZ, CANON_F8_E8M0FNU};
enum { REALS = sizeof reals / sizeof reals[0], SAMPLES = 1 << 16 };

static int is_float(uint32_t dtype) { return canon_dtype_kind(dtype) == CANON_KIND_FLOAT; }
static int is_signed(uint32_t dtype) { return canon_dtype_kind(dtype) == CANON_KIND_INT; }

/* The exact value of a code. */
static void exact_value(mpfr_ptr value, uint32_t dtype, uint64_t code) {
  int unused = 64 - 8 * (int)canon_dtype_size(dtype);
  if (is_float(dtype)) {
    mpfr_set_d(value, value_of(dtype, code), MPFR_RNDN);
  } else if (is_signed(dtype)) {
    uint64_t top = code << unused;
    int64_t number;
    memcpy(&number, &top, sizeof number);
    mpfr_set_sj(value, number, MPFR_RNDN);
    mpfr_div_2ui(value, value, (unsigned long)unused, MPFR_RNDN);
  } else {
    mpfr_set_uj(value, dtype == CANON_BOOL ? code != 0 : code, MPFR_RNDN);
  }
}

struct expected {
  int refused;
  double real;   /* to a float type */
  uint64_t code; /* to bool and integers */
};

/* What becomes of one value, and what is counted for it. */
static struct expected expect_real(mpfr_srcptr value, uint32_t to, uint32_t flags, canon_cast_report *report) {
  const struct oracle_type *type = oracle_type(to);
  const int saturate = (flags & CANON_CAST_SATURATE) != 0, scale = to == CANON_F8_E8M0FNU;
  struct expected want = {0, (double)NAN, 0};
  if (mpfr_nan_p(value)) return want;
  if (scale && (mpfr_signbit(value) || mpfr_zero_p(value))) {
    report->saturated += (uint64_t)saturate;
    return (struct expected){!saturate, 0x1p-127, 0};
  }
  want.real = mpfr_inf_p(value) ? mpfr_get_d(value, MPFR_RNDN) : oracle_round(type, value, 0);
  if (scale && want.real == 0) want.real = 0x1p-127;
  if (isinf(want.real) && (!type->infinite || !mpfr_inf_p(value))) {
    if (saturate) {
      report->saturated++;
      want.real = copysign(type->largest, want.real);
    } else if (type->infinite) {
      report->to_infinity++;
    } else {
      report->to_nan++;
      want.real = (double)NAN;
    }
  } else if (want.real == 0) {
    report->to_zero += !mpfr_zero_p(value);
    if (!has_negative_zero(to)) want.real = 0;
  } else {
    report->rounded += mpfr_cmp_d(value, want.real) != 0;
  }
  return want;
}

static struct expected expect_integer(mpfr_srcptr value, uint32_t to, uint32_t flags, canon_cast_report *report) {
  const int bits = 8 * (int)canon_dtype_size(to), saturate = (flags & CANON_CAST_SATURATE) != 0;
  const double above = ldexp(1, bits - is_signed(to)), lowest = is_signed(to) ? -above : 0;
  const uint64_t largest = UINT64_MAX >> (64 - bits + is_signed(to)), smallest = is_signed(to) ? largest + 1 : 0;
  mpfr_t whole;
  mpfr_init2(whole, 64);
  mpfr_trunc(whole, value);
  struct expected want = {0, 0, 0};
  if (mpfr_nan_p(value) || mpfr_cmp_d(whole, above) >= 0 || mpfr_cmp_d(whole, lowest) < 0) {
    want.refused = !saturate;
    want.code = mpfr_nan_p(value) ? 0 : mpfr_sgn(value) > 0 ? largest : smallest;
    report->saturated += (uint64_t)saturate;
  } else {
    report->truncated += mpfr_cmp(whole, value) != 0;
    want.code = mpfr_sgn(whole) < 0 ? (uint64_t)mpfr_get_sj(whole, MPFR_RNDN) : mpfr_get_uj(whole, MPFR_RNDN);
  }
  want.code &= UINT64_MAX >> (64 - bits);
  mpfr_clear(whole);
  return want;
}

static struct expected expect(uint32_t from, uint64_t code, uint32_t to, uint32_t flags, canon_cast_report *report) {
  struct expected want;
  mpfr_t value;
  mpfr_init2(value, 64);
  exact_value(value, from, code);
  if (to == CANON_BOOL) want = (struct expected){0, 0, mpfr_nan_p(value) || !mpfr_zero_p(value)};
  else if (is_float(to)) want = expect_real(value, to, flags, report);
  else want = expect_integer(value, to, flags, report);
  if (is_float(to) && mpfr_nan_p(value)) {
    uint64_t canonical = 0;
    mpfr_set_nan(value);
    numerics_service()->cast(from, from, 0, &code, &canonical, 1, NULL);
    report->nan += code != canonical;
  }
  mpfr_clear(value);
  return want;
}

static void assert_expected(uint32_t from, uint64_t in, uint32_t to, uint64_t out, struct expected want) {
  int right = is_float(to) ? same_double(value_of(to, out), want.real) : out == want.code;
  if (!right) {
    fail_msg("dtype %u 0x%llx to dtype %u: 0x%llx, not %a 0x%llx", from, (unsigned long long)in, to,
             (unsigned long long)out, want.real, (unsigned long long)want.code);
  }
}

static canon_cast_report new_report(void) {
  return (canon_cast_report){.struct_size = sizeof(canon_cast_report), .refused = CANON_NONE};
}

static void assert_same_reports(const canon_cast_report *a, const canon_cast_report *b) {
  assert_memory_equal(a, b, sizeof *a);
}

/* Both kernels on n elements: without CANON_CAST_SATURATE up to what is refused, and again behind it; then with it. */
static void check(uint32_t from, const void *x, uint64_t n, uint32_t to) {
  static uint64_t y[SAMPLES], ref[SAMPLES];
  const uint32_t in_size = canon_dtype_size(from), out_size = canon_dtype_size(to);
  canon_cast_report got = new_report(), by_ref = new_report(), want = new_report();
  assert_int_equal(numerics_service()->cast(from, to, CANON_CAST_SATURATE, x, y, n, &got), CANON_OK);
  assert_int_equal(ref_cast(from, to, CANON_CAST_SATURATE, x, ref, n, &by_ref), CANON_OK);
  assert_memory_equal(y, ref, n * out_size);
  for (uint64_t i = 0; i < n; i++) {
    uint64_t code = code_at(x, from, i);
    assert_expected(from, code, to, code_at(y, to, i), expect(from, code, to, CANON_CAST_SATURATE, &want));
  }
  assert_same_reports(&got, &want);
  assert_same_reports(&by_ref, &want);

  for (uint64_t first = 0; first < n;) {
    const uint8_t *rest = (const uint8_t *)x + first * in_size;
    uint64_t done = 0;
    got = by_ref = want = new_report();
    int32_t status = numerics_service()->cast(from, to, 0, rest, y, n - first, &got);
    assert_int_equal(ref_cast(from, to, 0, rest, ref, n - first, &by_ref), status);
    assert_int_equal(by_ref.refused, got.refused);
    uint64_t accepted = status == CANON_OK ? n - first : got.refused;
    for (; done < accepted; done++) {
      uint64_t code = code_at(rest, from, done);
      assert_expected(from, code, to, code_at(y, to, done), expect(from, code, to, 0, &want));
      assert_int_equal(code_at(y, to, done), code_at(ref, to, done));
    }
    if (status == CANON_OK) {
      assert_same_reports(&got, &want);
      assert_same_reports(&by_ref, &want);
      return;
    }
    assert_int_equal(status, CANON_E_UNSUPPORTED);
    /* go on behind it, and behind what follows and must be refused as well */
    for (first += done; first < n && expect(from, code_at(x, from, first), to, 0, &want).refused; first++) continue;
  }
}

static void every_narrow_code_becomes_what_mpfr_says(void **state) {
  static uint64_t x[SAMPLES];
  (void)state;
  for (int f = 0; f < REALS; f++) {
    uint64_t codes = UINT64_C(1) << (8 * canon_dtype_size(reals[f]) % 64);
    if (codes > SAMPLES || codes == 1) continue;
    for (uint64_t code = 0; code < codes; code++) set_code(x, reals[f], code, code);
    for (int t = 0; t < REALS; t++) check(reals[f], x, codes, reals[t]);
  }
}

/* The halfway points of a float type, and their neighbours in f64, cast to f32 where from is that. */
static uint64_t near_halfway(uint32_t from, uint32_t to, uint64_t random) {
  double value = value_of(to, random >> 8 & (UINT64_MAX >> (64 - 8 * canon_dtype_size(to))));
  int exponent = 0;
  uint64_t code = 0;
  frexp(value, &exponent);
  int unit = exponent - oracle_type(to)->precision;
  if (unit < oracle_type(to)->lowest) unit = oracle_type(to)->lowest;
  if (isfinite(value)) value += ldexp(value < 0 ? -0.5 : 0.5, unit);
  numerics_service()->cast(CANON_F64, from, CANON_CAST_SATURATE, &value, &code, 1, NULL);
  return code + random % 5 - 2;
}

/* Integers of all lengths, and those next to a power of two. */
static uint64_t random_integer(uint32_t dtype) {
  uint64_t random = random_bits();
  uint64_t code = random_bits() >> (random % 64);
  if (random >> 62 == 0) code = (UINT64_C(1) << (random % 64)) + (random >> 8) % 5 - 2;
  if (random >> 62 == 1) code = ~code + 1;
  if (random >> 62 == 2) code = code << (random >> 8) % 64; /* halfway between floats, often */
  return code & (UINT64_MAX >> (64 - 8 * canon_dtype_size(dtype)));
}

static void wide_codes_become_what_mpfr_says(void **state) {
  static const uint32_t wide[] = {CANON_U32, CANON_U64, CANON_I32, CANON_I64, CANON_F32, CANON_F64};
  enum { N = 6000 };
  static uint64_t x[N];
  (void)state;
  for (size_t f = 0; f < sizeof wide / sizeof wide[0]; f++) {
    for (int t = 0; t < REALS; t++) {
      for (uint64_t i = 0; i < N; i++) {
        uint64_t random = random_bits();
        int halfway = is_float(wide[f]) && is_float(reals[t]) && random % 3 == 0;
        int small = is_float(wide[f]) && random % 3 == 1; /* near what integers hold */
        double value = ldexp(random_normal(), (int)(random >> 32) % 66);
        uint64_t code = 0;
        if (halfway) code = near_halfway(wide[f], reals[t], random_bits());
        else if (!is_float(wide[f])) code = random_integer(wide[f]);
        else if (small) numerics_service()->cast(CANON_F64, wide[f], 0, &value, &code, 1, NULL);
        else code = random_bits();
        set_code(x, wide[f], i, code);
      }
      check(wide[f], x, N, reals[t]);
    }
  }
}

static void every_nan_becomes_the_canonical_one(void **state) {
  static const struct {
    uint32_t dtype;
    uint64_t nan;
  } canonical[] = {
      {CANON_F16, 0x7E00},     {CANON_BF16, 0x7FC0},  {CANON_F32, 0x7FC00000},   {CANON_F64, UINT64_C(0x7FF8) << 48},
      {CANON_F8_E4M3FN, 0x7F}, {CANON_F8_E5M2, 0x7E}, {CANON_F8_E4M3FNUZ, 0x80}, {CANON_F8_E5M2FNUZ, 0x80},
      {CANON_F8_E8M0FNU, 0xFF}};
  static const uint64_t nans[] = {UINT64_C(0x7FF8000000000000), UINT64_C(0xFFF8000000000000),
                                  UINT64_C(0x7FF0000000000001), UINT64_C(0xFFFFFFFFFFFFFFFF)};
  (void)state;
  for (size_t t = 0; t < sizeof canonical / sizeof canonical[0]; t++) {
    canon_cast_report report = new_report();
    uint64_t y[4];
    assert_int_equal(numerics_service()->cast(CANON_F64, canonical[t].dtype, 0, nans, y, 4, &report), CANON_OK);
    for (uint64_t i = 0; i < 4; i++) assert_int_equal(code_at(y, canonical[t].dtype, i), canonical[t].nan);
    assert_int_equal(report.nan, 3);
  }
}

static void what_does_not_fit_is_refused_with_its_place_and_left_as_it_was(void **state) {
  (void)state;
  double x[600];
  int64_t y[600];
  for (int i = 0; i < 600; i++) x[i] = i + 0.5;
  x[300] = 0x1p63;
  x[301] = (double)NAN;
  canon_cast_report report = new_report();
  assert_int_equal(numerics_service()->cast(CANON_F64, CANON_I64, 0, x, y, 600, &report), CANON_E_UNSUPPORTED);
  assert_int_equal(report.refused, 300);
  report = new_report();
  assert_int_equal(numerics_service()->cast(CANON_F64, CANON_I64, 0, x, x, 600, &report), CANON_E_UNSUPPORTED);
  assert_int_equal(report.refused, 300);
  assert_true(x[300] == 0x1p63);
  memcpy(y, x, sizeof y);
  assert_int_equal(y[299], 299);
}

static void casts_of_one_size_work_in_place(void **state) {
  (void)state;
  uint64_t x[1000], y[1000];
  for (int f = 0; f < REALS; f++) {
    for (int t = 0; t < REALS; t++) {
      uint32_t size = canon_dtype_size(reals[f]);
      if (size != canon_dtype_size(reals[t])) continue;
      for (uint64_t i = 0; i < 1000; i++) set_code(x, reals[f], i, random_bits());
      numerics_service()->cast(reals[f], reals[t], CANON_CAST_SATURATE, x, y, 1000, NULL);
      numerics_service()->cast(reals[f], reals[t], CANON_CAST_SATURATE, x, x, 1000, NULL);
      assert_memory_equal(x, y, 1000 * size);
    }
  }
}

static void any_cut_gives_the_same_elements(void **state) {
  (void)state;
  float x[1000];
  uint16_t whole[1000], parts[1000];
  for (int i = 0; i < 1000; i++) x[i] = (float)random_normal();
  numerics_service()->cast(CANON_F32, CANON_F16, 0, x, whole, 1000, NULL);
  for (uint64_t i = 0, n; i < 1000; i += n) {
    n = 1 + random_bits() % 300;
    if (n > 1000 - i) n = 1000 - i;
    numerics_service()->cast(CANON_F32, CANON_F16, 0, x + i, parts + i, n, NULL);
  }
  assert_memory_equal(whole, parts, sizeof whole);
}

static void complex_numbers_are_cast_part_by_part(void **state) {
  (void)state;
  const canon_numerics *numerics = numerics_service();
  double x[600], back[1200], wide[600];
  uint16_t half[1200], want[1200];
  for (int i = 0; i < 600; i++) x[i] = random_normal() * 70000;
  canon_cast_report report = new_report(), parts = new_report();
  assert_int_equal(numerics->cast(CANON_C128, CANON_C32, 0, x, half, 300, &report), CANON_OK);
  numerics->cast(CANON_F64, CANON_F16, 0, x, want, 600, &parts);
  assert_memory_equal(half, want, 600 * sizeof half[0]);
  assert_same_reports(&report, &parts);

  assert_int_equal(numerics->cast(CANON_F64, CANON_C32, 0, x, half, 600, NULL), CANON_OK);
  for (int i = 0; i < 600; i++) {
    assert_int_equal(half[2 * i], want[i]);
    assert_int_equal(half[2 * i + 1], 0);
  }
  assert_int_equal(numerics->cast(CANON_C32, CANON_C128, 0, half, back, 600, NULL), CANON_OK);
  for (uint64_t i = 0; i < 600; i++) assert_true(same_double(back[2 * i], value_of(CANON_F16, want[i])));

  float pairs[1200];
  memcpy(wide, x, sizeof x);
  assert_int_equal(numerics->cast(CANON_F64, CANON_C64, 0, wide, wide, 600, NULL), CANON_OK);
  memcpy(pairs, wide, sizeof pairs);
  for (int i = 0; i < 600; i++) assert_true(pairs[2 * i] == (float)x[i] && pairs[2 * i + 1] == 0);
}

static void pairs_without_a_meaning_are_refused(void **state) {
  (void)state;
  const canon_numerics *numerics = numerics_service();
  assert_int_equal(numerics->cast(CANON_C64, CANON_F32, 0, NULL, NULL, 0, NULL), CANON_E_UNSUPPORTED);
  assert_int_equal(numerics->cast(CANON_BITS8, CANON_F32, 0, NULL, NULL, 0, NULL), CANON_E_UNSUPPORTED);
  assert_int_equal(numerics->cast(CANON_F32, CANON_F4_E2M1FN_X2, 0, NULL, NULL, 0, NULL), CANON_E_UNSUPPORTED);
  assert_int_equal(numerics->cast(CANON_BITS8, CANON_BITS8, 0, NULL, NULL, 0, NULL), CANON_E_UNSUPPORTED);
  assert_int_equal(numerics->cast(CANON_F32, 9999, 0, NULL, NULL, 0, NULL), CANON_E_UNSUPPORTED);
  assert_int_equal(numerics->cast(CANON_F32, CANON_F16, 2, NULL, NULL, 0, NULL), CANON_E_USAGE);
  assert_int_equal(numerics->cast(CANON_F32, CANON_F16, 0, NULL, NULL, 0, NULL), CANON_OK);
}

/* All 2^32 floats with CANON_TEST_FULL=1, else, and under a sanitizer, a sample of their upper halves with all lower
 * ones. */
static void every_float_becomes_what_the_specification_says(void **state) {
  static const uint32_t kinds[] = {CANON_F16,         CANON_BF16,        CANON_F32,
                                   CANON_F64,         CANON_F8_E4M3FN,   CANON_F8_E5M2,
                                   CANON_F8_E4M3FNUZ, CANON_F8_E5M2FNUZ, CANON_F8_E8M0FNU};
  static uint32_t x[SAMPLES];
  static uint64_t y[SAMPLES], want[SAMPLES];
  const char *full = getenv("CANON_TEST_FULL");
  (void)state;
#ifdef __SANITIZE_ADDRESS__
  full = NULL;
#endif
  uint64_t step = full && strcmp(full, "1") == 0 ? 1 : 1013;
  for (uint64_t high = 0; high < SAMPLES; high += step) {
    for (uint32_t low = 0; low < SAMPLES; low++) x[low] = (uint32_t)high << 16 | low;
    for (size_t t = 0; t < sizeof kinds / sizeof kinds[0]; t++) {
      canon_cast_report report = new_report(), by_ref = new_report();
      uint32_t flags = kinds[t] == CANON_F8_E8M0FNU ? CANON_CAST_SATURATE : 0; /* has no zero */
      numerics_service()->cast(CANON_F32, kinds[t], flags, x, y, SAMPLES, &report);
      ref_cast(CANON_F32, kinds[t], flags, x, want, SAMPLES, &by_ref);
      assert_memory_equal(y, want, (size_t)SAMPLES * canon_dtype_size(kinds[t]));
      assert_same_reports(&report, &by_ref);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_narrow_code_becomes_what_mpfr_says),
      cmocka_unit_test(wide_codes_become_what_mpfr_says),
      cmocka_unit_test(every_nan_becomes_the_canonical_one),
      cmocka_unit_test(what_does_not_fit_is_refused_with_its_place_and_left_as_it_was),
      cmocka_unit_test(casts_of_one_size_work_in_place),
      cmocka_unit_test(any_cut_gives_the_same_elements),
      cmocka_unit_test(complex_numbers_are_cast_part_by_part),
      cmocka_unit_test(pairs_without_a_meaning_are_refused),
      cmocka_unit_test(every_float_becomes_what_the_specification_says),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
