/* SPDX-License-Identifier: MIT
 * Every machine that this CPU can run gives the bits of ref/, on rows of every kind, and each of its ways to them is
 * taken: the error bound's and exact arithmetic's. */
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>

#include "core/numerics/numerics.h"
#include "core/numerics/ref/ref.h"

static const uint32_t dtypes[] = {CANON_F16,       CANON_BF16,    CANON_F32,         CANON_F64,
                                  CANON_F8_E4M3FN, CANON_F8_E5M2, CANON_F8_E4M3FNUZ, CANON_F8_E5M2FNUZ};
enum { DTYPES = sizeof dtypes / sizeof dtypes[0], WIDEST = 6000, KINDS = 8 };

static uint64_t seed = UINT64_C(0x9E3779B97F4A7C15);

static uint64_t random_bits(void) {
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return seed * UINT64_C(0x2545F4914F6CDD1D);
}

static double random_normal(void) {
  double sum = -6;
  for (int i = 0; i < 12; i++) sum += (double)(random_bits() >> 11) * 0x1p-53;
  return sum;
}

static void store(uint32_t dtype, uint8_t *x, uint64_t i, double value) {
  const uint32_t size = canon_dtype_size(dtype);
  assert_int_equal(numerics_service()->cast(CANON_F64, dtype, CANON_CAST_SATURATE, &value, x + i * size, 1, NULL),
                   CANON_OK);
}

/* Whose largest and smallest powers of two these are. */
static int32_t top_of(const struct float_layout *layout) {
  return (int32_t)(layout->largest >> layout->fraction) - layout->bias;
}
static int32_t bottom_of(const struct float_layout *layout) {
  return layout_lowest(layout) - (int32_t)layout->fraction;
}

/* Ordinary; of any bits; subnormal; near the largest; cancelling; of all sizes; mostly zeros; small beside one. */
static void fill(uint32_t dtype, uint8_t *x, uint64_t n, int kind) {
  const struct float_layout *layout = float_layout(dtype);
  const int32_t top = top_of(layout), bottom = bottom_of(layout);
  for (uint64_t i = 0; i < n; i++) {
    double value = random_normal();
    switch (kind) {
      case 1: element_store(x + i * layout->size, layout->size, random_bits()); continue;
      case 2: value = ldexp(value, bottom + 1); break;
      case 3: value = ldexp(value / 8, top); break;
      case 4: value = i % 2 ? -ldexp(1, (int)(i / 2 % 8)) : ldexp(1, (int)(i / 2 % 8)); break;
      case 5: value = ldexp(value, bottom + (int)(random_bits() % (uint64_t)(top - bottom))); break;
      case 6: value = random_bits() % 16 ? 0 : value; break;
      case 7: value = i == n / 2 ? 1 : ldexp(value, -14); break;
      default: break;
    }
    store(dtype, x, i, value);
  }
}

/* A row whose norm is the midpoint of 1 and the next number of p bits, times 2^scale: m = 1 + 2^-p, and
 * m^2 = 1 + 2^(1 - p) + 2^(-2 p) as a sum of squares of powers of two. side: a square less, none, or one more. */
static void fill_midpoint(uint32_t dtype, uint8_t *x, uint64_t n, int scale, int side) {
  const int p = dtype == CANON_F64 ? 53 : 24;
  const int odd = p % 2 == 0; /* 2^(1 - p) is twice a square */
  const int least = dtype == CANON_F64 ? -100 : dtype == CANON_F16 ? -24 - scale : -40;
  uint64_t place = random_bits() % (n - 5);
  for (uint64_t i = 0; i < n; i++) store(dtype, x, i, 0);
  store(dtype, x, place, ldexp(1, scale));
  store(dtype, x, place + 1, ldexp(1, scale - (odd ? p / 2 : (p - 1) / 2)));
  if (odd) store(dtype, x, place + 2, ldexp(-1, scale - p / 2));
  if (side >= 0) store(dtype, x, place + 3, ldexp(1, scale - p));
  if (side > 0) store(dtype, x, place + 4, ldexp(1, scale + least));
}

/* Rows along an axis, out of place and in place, `shift` elements off any alignment, against ref. */
static canon_normalize_report check_rows(uint32_t dtype, const uint8_t *x, uint64_t outer, uint64_t axis,
                                         uint64_t inner, uint64_t shift) {
  static uint64_t mine[WIDEST + 8], refs[WIDEST + 8];
  canon_normalize_report report = {.struct_size = sizeof report}, ref_report = report;
  const uint64_t size = canon_dtype_size(dtype), bytes = outer * axis * inner * size;
  uint8_t *y = (uint8_t *)mine + shift * size, *ref = (uint8_t *)refs + shift * size;
  ref_normalize(dtype, x, ref, outer, axis, inner, &ref_report);
  memset(mine, 0x5A, sizeof mine);
  assert_int_equal(numerics_service()->normalize(dtype, x, y, outer, axis, inner, &report), CANON_OK);
  assert_memory_equal(y, ref, bytes);
  for (uint64_t i = 0; i < shift * size; i++) assert_int_equal(((uint8_t *)mine)[i], 0x5A);
  for (uint64_t i = shift * size + bytes; i < sizeof mine; i++) assert_int_equal(((uint8_t *)mine)[i], 0x5A);
  memcpy(y, x, bytes);
  assert_int_equal(numerics_service()->normalize(dtype, y, y, outer, axis, inner, NULL), CANON_OK);
  assert_memory_equal(y, ref, bytes);
  assert_int_equal(report.nan_rows, ref_report.nan_rows);
  assert_int_equal(report.infinite_rows, ref_report.infinite_rows);
  assert_int_equal(report.small_rows, ref_report.small_rows);
  return report;
}

static void rows_of_every_kind_have_the_bits_of_ref(void **state) {
  static const uint64_t shapes[][3] = {{1, 1, 1},    {1, 7, 1},   {5, 16, 1},  {3, 96, 1},  {1, 257, 1},
                                       {1, 1000, 1}, {1, 5, 33},  {2, 40, 3},  {1, 7, 300}, {1, 100, 17},
                                       {1, 20, 129}, {1, 4, 700}, {1, 2, 2500}};
  static uint64_t x[WIDEST + 8];
  (void)state;
  for (int t = 0; t < DTYPES; t++) {
    for (int kind = 0; kind < KINDS; kind++) {
      for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++) {
        const uint64_t outer = shapes[s][0], axis = shapes[s][1], inner = shapes[s][2], shift = random_bits() % 5;
        uint8_t *from = (uint8_t *)x + random_bits() % 3 * canon_dtype_size(dtypes[t]);
        fill(dtypes[t], from, outer * axis * inner, kind);
        check_rows(dtypes[t], from, outer, axis, inner, shift);
      }
    }
  }
}

static void the_bound_decides_most_rows_and_exact_arithmetic_those_at_midpoints(void **state) {
  static const uint32_t kinds[] = {CANON_F16, CANON_BF16, CANON_F32, CANON_F64};
  static uint64_t x[WIDEST + 8];
  (void)state;
  for (int t = 0; t < 4; t++) {
    uint64_t exact_at_midpoints = 0, exact_elsewhere = 0;
    for (int repeat = 0; repeat < 60; repeat++) {
      const int scale = kinds[t] == CANON_F16 ? (int)(random_bits() % 16) : (int)(random_bits() % 80) - 40;
      const uint64_t axis = 6 + random_bits() % 400;
      fill_midpoint(kinds[t], (uint8_t *)x, axis, scale, repeat % 3 - 1);
      exact_at_midpoints += check_rows(kinds[t], (uint8_t *)x, 1, axis, 1, 0).exact_rows;
      fill(kinds[t], (uint8_t *)x, axis, 0);
      exact_elsewhere += check_rows(kinds[t], (uint8_t *)x, 1, axis, 1, 0).exact_rows;
    }
    assert_in_range(exact_at_midpoints, 40, 60); /* one square less may be far enough away */
    assert_in_range(exact_elsewhere, 0, 2);
  }
}

/* Rows side by side, one of them at a midpoint, one with an infinity, one NaN, the others ordinary. */
static void columns_are_decided_one_by_one(void **state) {
  enum { AXIS = 50, INNER = 60 };
  static const uint32_t kinds[] = {CANON_F16, CANON_BF16, CANON_F32, CANON_F64};
  uint64_t x[AXIS * INNER], row[AXIS];
  (void)state;
  for (int t = 0; t < 4; t++) {
    const uint32_t size = canon_dtype_size(kinds[t]);
    uint8_t *bytes = (uint8_t *)x;
    fill(kinds[t], bytes, (uint64_t)AXIS * INNER, 0);
    fill_midpoint(kinds[t], (uint8_t *)row, AXIS, 3, 0);
    for (uint64_t i = 0; i < AXIS; i++) {
      element_store(bytes + (i * INNER + 17) * size, size, element_load((uint8_t *)row + i * size, size));
    }
    store(kinds[t], bytes, 4 * INNER + 59, (double)INFINITY);
    element_store(bytes + (5 * INNER + 30) * size, size, float_layout(kinds[t])->infinity);
    store(kinds[t], bytes, 9 * INNER, (double)NAN);
    canon_normalize_report report = check_rows(kinds[t], bytes, 1, AXIS, INNER, 1);
    assert_int_equal(report.exact_rows, 1);
    assert_int_equal(report.nan_rows, 1);
    assert_int_equal(report.infinite_rows, 2);
  }
}

/* Where results are too large for the caches they may go past them. */
static void large_results_have_the_bits_of_small_ones(void **state) {
  enum { ROWS = 45000, AXIS = 97 };
  static const uint32_t kinds[] = {CANON_F16, CANON_BF16, CANON_F32, CANON_F64};
  const uint64_t n = (uint64_t)ROWS * AXIS;
  uint8_t *x = malloc(n * 8 + 64), *y = malloc(n * 8 + 64), *parts = malloc(n * 8);
  (void)state;
  assert_true(x && y && parts);
  for (int t = 0; t < 4; t++) {
    const uint64_t size = canon_dtype_size(kinds[t]), bytes = n * size;
    for (uint64_t i = 0; i < n; i++) element_store(x + i * size, (uint32_t)size, 0);
    for (uint64_t i = 0; i < n; i += 11) store(kinds[t], x, i, random_normal());
    for (uint64_t i = 0; i < n; i += 30011) store(kinds[t], x, i, (double)INFINITY);
    for (uint64_t row = 0; row < ROWS; row += 7) {
      numerics_service()->normalize(kinds[t], x + row * AXIS * size, parts + row * AXIS * size,
                                    ROWS - row < 7 ? ROWS - row : 7, AXIS, 1, NULL);
    }
    for (uint64_t shift = 0; shift < 64 / size; shift += kinds[t] == CANON_F16 ? 5 : 1) {
      uint8_t *to = y + shift * size;
      memset(y, 0x5A, n * 8 + 64);
      numerics_service()->normalize(kinds[t], x, to, ROWS, AXIS, 1, NULL);
      assert_int_equal(memcmp(to, parts, bytes), 0);
      for (uint64_t i = 0; i < shift * size; i++) assert_int_equal(y[i], 0x5A);
      for (uint64_t i = 0; i < 64 - shift * size; i++) assert_int_equal(to[bytes + i], 0x5A);
    }
  }
  free(x), free(y), free(parts);
}

/* Rows of every finite code below a limit, in blocks of their own order, divided by many norms: of 16-bit floats every
 * significand meets every place between two midpoints. */
static void all_codes_of_16_bits_have_the_quotients_of_ref(void **state) {
  static const uint32_t kinds[] = {CANON_F16, CANON_BF16};
  enum { MOST = 1 << 15 };
  uint16_t *x = malloc(MOST * sizeof *x), *mine = malloc(MOST * sizeof *x), *ref = malloc(MOST * sizeof *x);
  (void)state;
  assert_true(x && mine && ref);
  for (int t = 0; t < 2; t++) {
    for (int repeat = 0; repeat < 12; repeat++) {
      canon_normalize_report report = {.struct_size = sizeof report};
      const uint64_t n = float_layout(kinds[t])->infinity - random_bits() % (uint64_t)(repeat % 3 == 0 ? 40 : 1 << 13);
      for (uint64_t i = 0; i < n; i++) x[i] = (uint16_t)(i | (random_bits() & 0x8000));
      if (repeat % 4 == 1) x[n - 1] = x[n - 2] = 0x4000;
      memset(mine, 0x5A, MOST * sizeof *mine);
      ref_normalize(kinds[t], x, ref, 1, n, 1, &report);
      numerics_service()->normalize(kinds[t], x, mine, 1, n, 1, NULL);
      assert_int_equal(memcmp(mine, ref, n * sizeof *ref), 0);
      numerics_service()->normalize(kinds[t], x, x, 1, n, 1, NULL);
      assert_int_equal(memcmp(x, ref, n * sizeof *ref), 0);
    }
  }
  free(x), free(mine), free(ref);
}

static void assert_same_sums(const canon_sums *a, const canon_sums *b) {
  const canon_numerics *numerics = numerics_service();
  canon_sums_counts counts[2] = {{.struct_size = sizeof counts[0]}, {.struct_size = sizeof counts[0]}};
  numerics->sums_count(a, &counts[0]);
  numerics->sums_count(b, &counts[1]);
  assert_memory_equal(&counts[0], &counts[1], sizeof counts[0]);
  for (uint32_t what = CANON_SUMS_SUM; what <= CANON_SUMS_NORM; what++) {
    for (int wide = 0; wide < 2; wide++) {
      uint64_t x = 0, y = 0;
      assert_int_equal(numerics->sums_round(a, what, wide ? CANON_F64 : CANON_F32, &x), CANON_OK);
      assert_int_equal(numerics->sums_round(b, what, wide ? CANON_F64 : CANON_F32, &y), CANON_OK);
      assert_int_equal(x, y);
    }
  }
}

static void exact_sums_are_those_of_ref(void **state) {
  static const uint64_t lengths[] = {1, 63, 64, 65, 100, 1023, 1025, 1088, 4095, 4096, 4097, 4160, 9000};
  static uint64_t x[9000];
  const canon_numerics *numerics = numerics_service();
  uint64_t all = 0, by_ref = 0;
  canon_sums *mine = malloc(numerics->sums_bytes), *ref = malloc(numerics->sums_bytes);
  (void)state;
  assert_true(mine && ref);
  for (int t = 0; t < DTYPES; t++) {
    for (int kind = 0; kind < KINDS; kind++) {
      for (size_t l = 0; l < sizeof lengths / sizeof lengths[0]; l++) {
        const uint64_t n = lengths[l];
        fill(dtypes[t], (uint8_t *)x, n, kind);
        numerics->sums_init(mine, CANON_SUMS_VALUES | CANON_SUMS_SQUARES);
        numerics->sums_init(ref, CANON_SUMS_VALUES | CANON_SUMS_SQUARES);
        numerics->sums_add(mine, dtypes[t], x, n);
        ref_sums((struct sums *)(void *)ref, dtypes[t], x, n);
        ((struct sums *)(void *)ref)->elements = n;
        assert_same_sums(mine, ref);
        all += n < 64 ? 0 : n;
        by_ref += n < 64 ? 0 : ((struct sums *)(void *)mine)->by_ref;
      }
    }
  }
  assert_in_range(by_ref, all / 100, all / 2); /* both ways were taken */
  free(mine), free(ref);
}

/* Elements at both ends of what a batch takes in one window, and one place beyond. */
static void the_ends_of_a_window_are_exact(void **state) {
  static float floats[4096];
  static double doubles[4096];
  const canon_numerics *numerics = numerics_service();
  canon_sums *mine = malloc(numerics->sums_bytes), *ref = malloc(numerics->sums_bytes);
  (void)state;
  assert_true(mine && ref);
  for (int apart = 20; apart < 60; apart++) {
    for (int top = -80; top < 128; top += 23) {
      for (int i = 0; i < 4096; i++) {
        const int sign = random_bits() % 8 ? 1 : -1;
        floats[i] = (float)ldexp(sign * (i % 3 ? 0x1.FFFFFEp0 : 0x1.000002p0), i % 3 ? top : top - apart);
        doubles[i] = ldexp(sign * (i % 3 ? 0x1.FFFFFFFFFFFFFp0 : 0x1.0000000000001p0), i % 3 ? top : top - apart);
      }
      for (int wide = 0; wide < 2; wide++) {
        const uint32_t dtype = wide ? CANON_F64 : CANON_F32;
        const void *x = wide ? (const void *)doubles : (const void *)floats;
        numerics->sums_init(mine, CANON_SUMS_VALUES | CANON_SUMS_SQUARES);
        numerics->sums_init(ref, CANON_SUMS_VALUES | CANON_SUMS_SQUARES);
        numerics->sums_add(mine, dtype, x, 4096);
        ref_sums((struct sums *)(void *)ref, dtype, x, 4096);
        ((struct sums *)(void *)ref)->elements = 4096;
        assert_same_sums(mine, ref);
      }
    }
  }
  free(mine), free(ref);
}

/* Each is as many units as there can be, and there are as many as a batch takes. */
static void a_batch_of_largest_elements_does_not_overflow(void **state) {
  static float floats[8192];
  static double doubles[8192];
  const canon_numerics *numerics = numerics_service();
  canon_sums *sums = malloc(numerics->sums_bytes);
  (void)state;
  assert_non_null(sums);
  for (int sign = -1; sign < 2; sign += 2) {
    for (int i = 0; i < 8192; i++) doubles[i] = sign * 0x1.FFFFFFFFFFFFFp0, floats[i] = (float)sign * 0x1.FFFFFEp0f;
    for (uint64_t n = 4096; n <= 8192; n += 4096) {
      double sum = 0, sum_of_floats = 0;
      numerics->sums_init(sums, CANON_SUMS_VALUES);
      numerics->sums_add(sums, CANON_F64, doubles, n);
      numerics->sums_round(sums, CANON_SUMS_SUM, CANON_F64, &sum);
      numerics->sums_init(sums, CANON_SUMS_VALUES);
      numerics->sums_add(sums, CANON_F32, floats, n);
      numerics->sums_round(sums, CANON_SUMS_SUM, CANON_F64, &sum_of_floats);
      assert_true(sum == (double)n * doubles[0] && sum_of_floats == (double)n * (double)floats[0]);
    }
  }
  free(sums);
}

static void a_limit_holds_and_an_unknown_one_is_refused(void **state) {
  const char *before = numerics_service()->isa();
  (void)state;
  assert_false(dispatch_limit("avx1024"));
  assert_false(dispatch_limit(""));
  assert_string_equal(numerics_service()->isa(), before);
  assert_true(dispatch_limit("ref"));
  assert_string_equal(numerics_service()->isa(), "ref");
  assert_ptr_equal(dispatch_normalize(CANON_F32), ref_normalize);
  assert_true(dispatch_limit(before));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_of_every_kind_have_the_bits_of_ref),
      cmocka_unit_test(the_bound_decides_most_rows_and_exact_arithmetic_those_at_midpoints),
      cmocka_unit_test(columns_are_decided_one_by_one),
      cmocka_unit_test(all_codes_of_16_bits_have_the_quotients_of_ref),
      cmocka_unit_test(large_results_have_the_bits_of_small_ones),
      cmocka_unit_test(exact_sums_are_those_of_ref),
      cmocka_unit_test(the_ends_of_a_window_are_exact),
      cmocka_unit_test(a_batch_of_largest_elements_does_not_overflow),
      cmocka_unit_test(a_limit_holds_and_an_unknown_one_is_refused),
  };
  int failures = 0;
  for (size_t i = 1; dispatch_machine(i); i++) {
    dispatch_limit(dispatch_machine(i));
    if (strcmp(numerics_service()->isa(), dispatch_machine(i)) != 0) {
      print_message("%s: not on this CPU\n", dispatch_machine(i));
      continue;
    }
    failures += _cmocka_run_group_tests(dispatch_machine(i), tests, sizeof tests / sizeof tests[0], NULL, NULL);
  }
  return failures;
}
