/* SPDX-License-Identifier: MIT
 * test_compare_dense.c: what kernels tell of whole chunks, on every machine, is what is told of the same elements one
 * after the other: where there are no kernels (ref), and in blocks too small for a chunk. */
#include <stdint.h> /* before mpfr.h */

#include "tests/core/numerics/oracle.h"

#include "core/job/compare.h"
#include "core/numerics/kernels.h"
#include "core/numerics/ref/number.h"
#include "tests/support/support.h"

enum { N = 3 * DIFFERENCES + 77 };

static uint64_t a[N], b[N]; /* room for any of these types */

struct result {
  struct tally tally;
  struct spread spread;
  struct marks marks;
  struct map map;
  canon_diff_stats stats;
  canon_diff_map cells;
};

/* Cut where `block` says; blocks of fewer than a chunk have none. */
static void compare(uint32_t dtype, uint32_t equal, const struct rules *rules, uint64_t columns, uint64_t block,
                    struct result *r) {
  struct pair pair = {.element = element_of(dtype), .elements = N, .equal = equal, .rules = rules};
  void *scratch = malloc(compare_scratch());
  memset(r, 0, sizeof *r);
  pair.marks = &r->marks;
  pair.map = &r->map;
  r->marks.rows = (N + columns - 1) / columns;
  r->marks.columns = columns;
  map_init(&r->map, r->marks.rows, columns);
  tally_init(&r->tally);
  spread_init(&r->spread);
  for (uint64_t first = 0; first < N; first += block) {
    uint64_t count = N - first < block ? N - first : block, offset = first * pair.element.size;
    struct tally tally;
    struct spread spread;
    tally_init(&tally);
    tally.verdicts = r->tally.verdicts;
    for (uint32_t i = 0; i < MAX_RULES; i++) tally.verdicts.items[i].failing = 0;
    spread_init(&spread);
    compare_block(&pair, (uint8_t *)a + offset, (uint8_t *)b + offset, first, count, scratch, &tally, &spread);
    tally_merge(&r->tally, &tally, rules);
    spread_merge(&r->spread, &spread);
  }
  spread_finish(&r->spread, &r->marks, &r->stats);
  map_finish(&r->map, r->marks.rows, &r->tally.cases, &r->cells);
  free(scratch);
}

/* To the last digit, which is far below what a rounded sum shows. */
static void assert_same_sum(const struct wide *x, const struct wide *y) {
  struct wide difference = *x;
  wide_subtract(&difference, y);
  assert_int_equal(wide_value(&difference).significand, 0);
}

static void assert_same_verdict(const struct verdict *x, const struct verdict *y) {
  assert_int_equal(x->failing, y->failing);
  assert_true(same_double(x->least_rtol, y->least_rtol) || (isnan(x->least_rtol) && isnan(y->least_rtol)));
  assert_true(same_double(x->least_atol, y->least_atol) || (isnan(x->least_atol) && isnan(y->least_atol)));
}

static void assert_same(const struct result *x, const struct result *y, const struct rules *rules) {
  const struct tally *p = &x->tally, *q = &y->tally;
  assert_int_equal(p->differing, q->differing);
  assert_int_equal(p->first, q->first);
  assert_int_equal(p->rising, q->rising);
  assert_int_equal(p->falling, q->falling);
  assert_int_equal(p->nan, q->nan);
  assert_int_equal(p->infinite, q->infinite);
  assert_int_equal(p->zero_signs, q->zero_signs);
  assert_int_equal(p->nan_bits, q->nan_bits);
  assert_int_equal(p->nan_pairs, q->nan_pairs);
  assert_true(same_double(p->max_abs, q->max_abs));
  assert_int_equal(p->max_ulp, q->max_ulp);
  assert_int_equal(p->worst, q->worst);
  assert_int_equal(p->worst_ulp, q->worst_ulp);
  assert_same_sum(&p->absolute.values, &q->absolute.values);
  assert_same_sum(&p->change.values, &q->change.values);
  for (uint32_t i = 0; i < rules->n; i++) assert_same_verdict(&p->verdicts.items[i], &q->verdicts.items[i]);
  assert_memory_equal(&x->stats, &y->stats, sizeof x->stats);
  assert_memory_equal(&x->cells, &y->cells, sizeof x->cells);
}

/* All arithmetics, with much, little and nothing allowed, some of it in numbers of the type. */
static struct rules rules_of(uint32_t dtype) {
  static const double tolerances[][2] = {{0, 0}, {1e-5, 1e-8}, {1e-2, 0}, {0, 1e-3}, {1e-2, 1e-3}, {1e-30, 1e-40}};
  struct rules rules = {.n = 1};
  rules.items[0] = (struct rule){.dtype = dtype, .equal_nan = 1};
  for (uint32_t i = 0; rules.n < MAX_RULES; i++) {
    uint32_t arithmetic = i % 3, kind = i / 3;
    if (kind >= 6) break;
    rules.items[rules.n++] = (struct rule){.arithmetic = arithmetic,
                                           .dtype = dtype,
                                           .equal_nan = i % 2,
                                           .flags = i % 5 == 4 ? CANON_TOLERANCE_ULP : 0,
                                           .ulp = i == 4 && dtype == CANON_F64 ? UINT32_MAX + UINT64_C(9) : i % 4,
                                           .rtol = tolerances[kind][0],
                                           .atol = tolerances[kind][1]};
    rules.need_nan |= i % 2 == 0;
  }
  return rules;
}

static void assert_all_machines(uint32_t dtype, uint64_t columns) {
  static struct result expected, found;
  struct rules all = rules_of(dtype), few = {.n = 1};
  few.items[0] = all.items[0];
  for (int k = 0; k < 4; k++) {
    const struct rules *rules = k % 2 ? &all : &few;
    uint32_t equal = k / 2 ? CANON_EQUAL_VALUES : CANON_EQUAL_BITS;
    assert_true(dispatch_limit("ref"));
    compare(dtype, equal, rules, columns, N, &expected);
    for (size_t i = 1; dispatch_machine(i); i++) {
      static const uint64_t blocks[] = {N, 2 * DIFFERENCES, DIFFERENCES + 37, 1000};
      assert_true(dispatch_limit(dispatch_machine(i)));
      for (int cut = 0; cut < 4; cut++) {
        compare(dtype, equal, rules, columns, blocks[cut], &found);
        assert_same(&expected, &found, rules);
      }
    }
  }
}

/* ---- numbers ---- */

enum kind { ROUNDING, NOISE, FAR, ONE_WAY, ZEROS, SIGNS, SUBNORMAL, HUGE_NUMBERS, EXPONENTS, BITS, SOME_NAN, KINDS };

static uint64_t code_of(uint32_t dtype, double value) {
  struct number number = number_load(CANON_F64, &value);
  enum rounding rounding;
  uint64_t code = number_code(float_layout(dtype), number, &rounding);
  return (code & ~float_layout(dtype)->sign) > float_layout(dtype)->largest ? float_layout(dtype)->largest : code;
}

static void fill_one(uint32_t dtype, enum kind kind, uint64_t i) {
  const struct float_layout *layout = float_layout(dtype);
  uint64_t sign = layout->sign;
  double x = random_normal();
  uint64_t code = code_of(dtype, x), other = code;
  int often = random_bits() % 4 != 0;
  switch (kind) {
    case ROUNDING: other = often && (code & ~sign) < layout->largest ? code + 1 : code; break;
    case NOISE: other = often ? code_of(dtype, x * (1 + 0.01 * random_normal())) : code; break;
    case FAR: other = random_finite(dtype); break;
    case ONE_WAY: other = often ? code_of(dtype, x + 0.25) : code; break;
    case ZEROS: code = random_bits() % 2 ? code : 0, other = random_bits() % 2 ? code : 0; break;
    case SIGNS: code = often ? 0 : code, other = random_bits() % 2 ? code : code ^ sign; break;
    case SUBNORMAL: code = random_bits() % 9, other = random_bits() % 9 | (often ? sign : 0); break;
    case HUGE_NUMBERS: code = layout->largest - random_bits() % 3, other = layout->largest | (often ? sign : 0); break;
    case EXPONENTS: code = random_finite(dtype), other = often && (code & ~sign) > 1 ? code - 1 : code; break;
    case BITS: code = random_bits(), other = random_bits(); break;
    default: other = i % 2000 ? code ^ (random_bits() & 3) : layout->nan, code = i % 3000 ? code : layout->infinity;
  }
  if (kind == ROUNDING && (other & ~sign) > layout->largest) other = code;
  set_code(a, dtype, i, code);
  set_code(b, dtype, i, other);
}

static void assert_dtype(uint32_t dtype) {
  static const uint64_t columns[] = {N, 1, 3, 64, 100, DIFFERENCES, 1500};
  for (int kind = 0; kind < KINDS; kind++) {
    for (uint64_t i = 0; i < N; i++) fill_one(dtype, (enum kind)kind, i);
    assert_all_machines(dtype, columns[kind % 7]);
  }
}

static void test_binary32(void **state) {
  (void)state;
  assert_dtype(CANON_F32);
}

static void test_binary64(void **state) {
  (void)state;
  assert_dtype(CANON_F64);
}

/* 2^exponent <= |x| < 2^(exponent + spread) */
static double random_between(int exponent, int spread) {
  double x = ldexp(1 + (double)(random_bits() >> 12) * 0x1p-52, exponent + (int)(random_bits() % (unsigned)spread));
  return random_bits() % 2 ? x : -x;
}

/* The other side: how far off, and whether zeros and equal numbers are among them. */
enum way { FEW_ULP, MANY_ULP, WIDE_ULP, RELATIVE, UNRELATED, MOSTLY_RISING, WAYS };

static double moved(double x, enum way way, int exponent, int spread) {
  double other = x;
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  switch (way) {
    case FEW_ULP: bits += random_bits() % 4; break;
    case MANY_ULP: bits ^= random_bits() >> 40; break;
    case WIDE_ULP: bits ^= random_bits() >> (12 + random_bits() % 40); break;
    case RELATIVE: other = x * (1 + 1e-6 * random_normal()); break;
    case UNRELATED: other = random_between(exponent, spread); break;
    default: other = random_bits() % 3 ? x + ldexp(1, exponent - 30) : x;
  }
  if (way <= WIDE_ULP) memcpy(&other, &bits, sizeof other);
  return other;
}

/* Around the ends of what each kernel takes: sizes, windows of changes, windows of products. */
static void test_doubles_of_all_sizes(void **state) {
  static const int exponents[] = {0,    -40,  400,  486,  487,  508,  509,  510,  511,  790,  799,   800,
                                  -459, -460, -461, -462, -490, -512, -790, -800, -801, -850, -1022, 1000};
  static const int spreads[] = {1, 3, 22, 23, 24, 25, 26, 49, 50, 51, 52, 53, 60, 100, 103, 200};
  (void)state;
  for (int round = 0; round < 104; round++) {
    int exponent = exponents[round % 24], spread = spreads[(round + round / 24) % 16], zeros = round % 7 == 0;
    enum way way = (enum way)(round / 2 % WAYS);
    if (exponent + spread > 1022) spread = 1022 - exponent;
    if (round >= 96) exponent = 0, spread = 48 + round % 8, way = UNRELATED; /* where two windows end */
    for (uint64_t i = 0; i < N; i++) {
      double x = random_between(exponent, spread), y = moved(x, way, exponent, spread);
      if (zeros && random_bits() % 8 == 0) x = random_bits() % 2 ? 0.0 : -0.0;
      if (zeros && random_bits() % 8 == 0) y = random_bits() % 2 ? 0.0 : -0.0;
      memcpy(&a[i], &x, sizeof x);
      memcpy(&b[i], &y, sizeof y);
    }
    assert_all_machines(CANON_F64, round % 2 ? N : 100);
  }
}

static void test_sixteen_bits(void **state) {
  (void)state;
  assert_dtype(CANON_F16);
  assert_dtype(CANON_BF16);
}

static void test_eight_bits(void **state) {
  (void)state;
  assert_dtype(CANON_F8_E4M3FN);
  assert_dtype(CANON_F8_E5M2FNUZ);
}

/* One that differs from its neighbours in kind, in every place of a chunk. */
static void test_every_place_of_a_chunk(void **state) {
  static struct result expected, found;
  static const uint32_t odd[] = {0x7FC00000, 0x7F800000, 0x80000000, 0x00000001, 0x7F7FFFFF, 0xC0490FDB};
  struct rules rules = {.n = 1, .items = {{.dtype = CANON_F32, .equal_nan = 1}}};
  (void)state;
  for (uint64_t i = 0; i < N; i++) set_code(a, CANON_F32, i, 0x3F800000 + i), set_code(b, CANON_F32, i, 0x3F800002 + i);
  for (uint64_t at = 0; at < DIFFERENCES; at++) {
    for (int side = 0; side < 2; side++) {
      uint64_t place = DIFFERENCES + at;
      void *x = side ? a : b;
      uint64_t before = code_at(x, CANON_F32, place);
      set_code(x, CANON_F32, place, odd[(at + (unsigned)side) % 6]);
      assert_true(dispatch_limit("ref"));
      compare(CANON_F32, CANON_EQUAL_BITS, &rules, 37, N, &expected);
      for (size_t i = 0; dispatch_machine(i); i++) assert_true(dispatch_limit(dispatch_machine(i)));
      compare(CANON_F32, CANON_EQUAL_BITS, &rules, 37, 3 * DIFFERENCES, &found);
      assert_same(&expected, &found, &rules);
      set_code(x, CANON_F32, place, before);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_binary32),
      cmocka_unit_test(test_binary64),
      cmocka_unit_test(test_doubles_of_all_sizes),
      cmocka_unit_test(test_sixteen_bits),
      cmocka_unit_test(test_eight_bits),
      cmocka_unit_test(test_every_place_of_a_chunk),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
