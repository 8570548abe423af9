/* SPDX-License-Identifier: MIT
 * test_compare_close.c: |a - b| <= atol + rtol * |b| is decided as MPFR decides it without rounding, or as C computes
 * it step by step, and the smallest tolerances are the smallest. */
#include <stdint.h> /* before mpfr.h */

#include "tests/core/numerics/oracle.h"

#include <canon/canon.h>

#include "core/job/compare_close.h"
#include "tests/support/support.h"

static struct couple of_doubles(double a, double b) {
  return (struct couple){
      .a = {{.value = a, .is_negative = a < 0}}, .b = {{.value = b, .is_negative = b < 0}}, .parts = 1};
}

static struct operand whole(uint64_t magnitude, int is_negative) {
  double value = is_negative ? -(double)magnitude : (double)magnitude;
  return (struct operand){
      .value = value, .magnitude = magnitude, .is_whole = 1, .is_negative = is_negative && magnitude};
}

static void set_operand(mpfr_t x, const struct operand *operand) {
  if (!operand->is_whole) mpfr_set_d(x, operand->value, MPFR_RNDN);
  else mpfr_set_uj(x, operand->magnitude, MPFR_RNDN);
  if (operand->is_whole && operand->is_negative) mpfr_neg(x, x, MPFR_RNDN);
}

/* With precision enough that nothing rounds. */
static int close_by_mpfr(const struct couple *c, double rtol, double atol) {
  mpfr_t distance, limit, b;
  mpfr_inits2(4500, distance, limit, b, (mpfr_ptr)0);
  set_operand(distance, &c->a[0]);
  set_operand(b, &c->b[0]);
  mpfr_sub(distance, distance, b, MPFR_RNDN);
  mpfr_abs(distance, distance, MPFR_RNDN);
  mpfr_abs(b, b, MPFR_RNDN);
  mpfr_mul_d(limit, b, rtol, MPFR_RNDN);
  mpfr_add_d(limit, limit, atol, MPFR_RNDN);
  int close = mpfr_lessequal_p(distance, limit) != 0;
  mpfr_clears(distance, limit, b, (mpfr_ptr)0);
  return close;
}

static double below(double x) { return nextafter(x, 0); }

static void assert_exact(const struct couple *c, double rtol, double atol) {
  assert_int_equal(close_enough(CANON_ARITHMETIC_EXACT, CANON_F64, c, rtol, atol), close_by_mpfr(c, rtol, atol));
  double least_rtol = close_least_rtol(CANON_ARITHMETIC_EXACT, CANON_F64, c, 0, atol);
  double least_atol = close_least_atol(CANON_ARITHMETIC_EXACT, CANON_F64, c, rtol, 0);
  if (isnan(least_rtol)) assert_false(close_by_mpfr(c, 0x1.FFFFFFFFFFFFFp1023, atol));
  else
    assert_true(close_by_mpfr(c, least_rtol, atol) && (least_rtol == 0 || !close_by_mpfr(c, below(least_rtol), atol)));
  if (isnan(least_atol)) assert_false(close_by_mpfr(c, rtol, 0x1.FFFFFFFFFFFFFp1023));
  else
    assert_true(close_by_mpfr(c, rtol, least_atol) && (least_atol == 0 || !close_by_mpfr(c, rtol, below(least_atol))));
}

static double random_scale(void) {
  static const double scales[] = {1, 0x1p-20, 0x1p-1060, 0x1p1000, 0x1p-500};
  return scales[random_bits() % 5];
}

static void test_exact_decisions_of_doubles(void **state) {
  (void)state;
  for (int i = 0; i < 3000; i++) {
    double scale = random_scale(), b = random_normal() * scale, a = b;
    if (random_bits() % 3) a = b * (1 + random_normal() * ldexp(1, -(int)(random_bits() % 60)));
    else
      for (int k = (int)(random_bits() % 3) + 1; k--;) a = nextafter(a, INFINITY);
    if (random_bits() % 10 == 0) a = -b;
    if (random_bits() % 10 == 0) b = 0;
    double rtol = random_bits() % 3 ? fabs(a - b) / fabs(b) : 0, atol = random_bits() % 3 ? 0 : fabs(a - b) / 2;
    if (!isfinite(a) || !isfinite(b)) continue;
    if (!isfinite(rtol)) rtol = 1;
    if (!isfinite(atol)) atol = 0;
    if (random_bits() % 4 == 0) atol = fabs(a - b), rtol = 0;
    if (!isfinite(atol)) atol = 0;
    struct couple c = of_doubles(a, b);
    assert_exact(&c, rtol, atol);
  }
}

static void test_exact_decisions_of_whole_numbers(void **state) {
  (void)state;
  static const uint64_t near[] = {
      0, 1, 7, UINT64_C(1) << 53, (UINT64_C(1) << 53) + 1, INT64_MAX, UINT64_C(1) << 63, UINT64_MAX, UINT64_MAX - 1};
  for (int i = 0; i < 9; i++)
    for (int k = 0; k < 9; k++)
      for (int signs = 0; signs < 4; signs++) {
        struct couple c = {.a = {whole(near[i], signs & 1)}, .b = {whole(near[k], signs >> 1)}, .parts = 1};
        assert_exact(&c, 0, 0);
        assert_exact(&c, 0x1p-60, 1);
        assert_exact(&c, 0, (double)near[i]);
      }
}

/* One step after the other, as written in the libraries. */
static int torch_f32(float a, float b, double rtol, double atol) {
  volatile float scaled = (float)rtol * b, limit = (float)atol + fabsf(scaled), distance = fabsf(a - b);
  return isfinite(distance) && distance <= limit;
}

static int torch_f64(double a, double b, double rtol, double atol) {
  volatile double scaled = rtol * b, limit = atol + fabs(scaled), distance = fabs(a - b);
  return isfinite(distance) && distance <= limit;
}

static void test_steps_of_torch_at_the_border(void **state) {
  (void)state;
  for (int i = 0; i < 20000; i++) {
    double scale = i % 7 ? 1 : i % 2 ? 0x1p-140 : 0x1p120, b = random_normal() * scale;
    double rtol = ldexp(random_unit(), -(int)(random_bits() % 30)), atol = i % 3 ? 0 : random_unit() * scale * 1e-6;
    double a = b + (random_bits() % 2 ? 1 : -1) * (atol + rtol * fabs(b)) *
                       (1 + (double)((int)(random_bits() % 5) - 2) * 0x1p-24);
    struct couple narrow = of_doubles((double)(float)a, (double)(float)b), wide = of_doubles(a, b);
    if (!isfinite((float)a) || !isfinite((float)b) || (rtol == 0 && atol == 0)) continue;
    if ((float)a != (float)b)
      assert_int_equal(close_enough(CANON_ARITHMETIC_TORCH, CANON_F32, &narrow, rtol, atol),
                       torch_f32((float)a, (float)b, rtol, atol));
    if (a == b) continue;
    assert_int_equal(close_enough(CANON_ARITHMETIC_TORCH, CANON_F64, &wide, rtol, atol), torch_f64(a, b, rtol, atol));
    double least = close_least_rtol(CANON_ARITHMETIC_TORCH, CANON_F64, &wide, 0, atol);
    if (isnan(least) || least == 0) continue;
    assert_true(torch_f64(a, b, least, atol));
    assert_false(torch_f64(a, b, below(least), atol) && (below(least) != 0 || atol != 0));
  }
}

/* Values that torch 2.8.0 and numpy 2.4.6 gave. */
static void test_halves_round_at_each_step(void **state) {
  (void)state;
  struct couple c = of_doubles(0x1.48p-4, 0x1.484p-4);                           /* neighbours in f16 */
  assert_false(close_enough(CANON_ARITHMETIC_TORCH, CANON_F16, &c, 1e-5, 1e-8)); /* 1e-8 is 0 in f16 */
  assert_true(close_enough(CANON_ARITHMETIC_TORCH, CANON_F16, &c, 1e-3, 1e-4));
  c = of_doubles(0, 0x1p-24); /* the smallest one: f16's 1 * 2^-24 rounds to even */
  assert_false(close_enough(CANON_ARITHMETIC_TORCH, CANON_F16, &c, 0.5, 0));
  assert_true(close_enough(CANON_ARITHMETIC_TORCH, CANON_F16, &c, 0.501, 0));
  assert_false(close_enough(CANON_ARITHMETIC_EXACT, CANON_F16, &c, 0.501, 0));
  assert_false(close_enough(CANON_ARITHMETIC_TORCH, CANON_I64,
                            &(struct couple){.a = {whole(5, 0)}, .b = {whole(6, 0)}, .parts = 1}, 0, 0));
  struct couple large = {.a = {whole((UINT64_C(1) << 60) + 1, 0)}, .b = {whole(UINT64_C(1) << 60, 0)}, .parts = 1};
  assert_false(close_enough(CANON_ARITHMETIC_TORCH, CANON_I64, &large, 0, 0));     /* nothing but equality */
  assert_true(close_enough(CANON_ARITHMETIC_TORCH, CANON_I64, &large, 0, 1e-300)); /* one number in f32 */
}

/* Finite, any bits, or near another number; tolerances near the border of the pair. */
static void test_margins_decide_as_the_arithmetic_does(void **state) {
  static const uint32_t dtypes[] = {CANON_F16, CANON_BF16, CANON_F32, CANON_F64};
  static const uint32_t arithmetics[] = {CANON_ARITHMETIC_EXACT, CANON_ARITHMETIC_TORCH, CANON_ARITHMETIC_NUMPY};
  uint64_t decided = 0, pairs = 0;
  (void)state;
  for (uint64_t i = 0; i < 400000; i++) {
    uint32_t dtype = dtypes[i % 4], arithmetic = arithmetics[random_bits() % 3];
    uint32_t size = canon_dtype_size(dtype);
    uint64_t mask = size == 8 ? ~UINT64_C(0) : (UINT64_C(1) << 8 * size) - 1;
    uint64_t code = random_bits() & mask;
    double b = value_of(dtype, code),
           a = value_of(dtype, (random_bits() % 4 ? code ^ random_bits() % 16 : random_bits()) & mask);
    struct couple c = of_doubles(a, b);
    double distance = fabs(a - b), share = (double)(random_bits() % 9) / 8;
    double factor = 1 + ldexp((double)(int64_t)(random_bits() % 5) - 2, -(int)(2 + random_bits() % 50));
    double rtol = share * distance / fabs(b) * factor, atol = (1 - share) * distance * factor;
    if (!isfinite(a) || !isfinite(b) || a == b || !isfinite(rtol) || !isfinite(atol)) continue;
    struct margin margin = close_margin(arithmetic, dtype, rtol, atol);
    int is_close = close_enough(arithmetic, dtype, &c, rtol, atol);
    if (margin_is_close(&margin, distance, fabs(b))) assert_true(is_close);
    if (margin_is_far(&margin, distance, fabs(b))) assert_false(is_close);
    decided += margin_is_close(&margin, distance, fabs(b)) || margin_is_far(&margin, distance, fabs(b));
    pairs++;
  }
  assert_true(pairs > 200000 && decided > pairs / 8);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_exact_decisions_of_doubles),
      cmocka_unit_test(test_exact_decisions_of_whole_numbers),
      cmocka_unit_test(test_steps_of_torch_at_the_border),
      cmocka_unit_test(test_halves_round_at_each_step),
      cmocka_unit_test(test_margins_decide_as_the_arithmetic_does),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
