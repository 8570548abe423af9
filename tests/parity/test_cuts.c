/* SPDX-License-Identifier: MIT
 * Where buffers lie and how work is cut changes no bit, on any machine that this CPU can run: every offset of x and of
 * y within a cache line, in place, blocks from one row or column up, pieces from one element up. */
#include "tests/support/support.h"

#include <stdlib.h>

#include "core/numerics/numerics.h"
#include "core/numerics/ref/ref.h"

static const uint32_t dtypes[] = {CANON_F16,       CANON_BF16,    CANON_F32,         CANON_F64,
                                  CANON_F8_E4M3FN, CANON_F8_E5M2, CANON_F8_E4M3FNUZ, CANON_F8_E5M2FNUZ};
enum { DTYPES = sizeof dtypes / sizeof dtypes[0], LINE = 64, MOST = 9000 };

static uint64_t seed = UINT64_C(0x9E3779B97F4A7C15);

static uint64_t random_bits(void) {
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return seed * UINT64_C(0x2545F4914F6CDD1D);
}

/* Numbers of either sign below 1, and in every `odd`-th place any bits at all. */
static void fill(uint32_t dtype, uint8_t *x, uint64_t n, uint64_t odd) {
  const uint32_t size = canon_dtype_size(dtype);
  for (uint64_t i = 0; i < n; i++) {
    const double value = (double)(int64_t)random_bits() * 0x1p-63;
    if (odd && i % odd == odd - 1) element_store(x + i * size, size, random_bits());
    else numerics_service()->cast(CANON_F64, dtype, 0, &value, x + i * size, 1, NULL);
  }
}

static void every_offset_of_both_gives_the_same_rows(void **state) {
  enum { N = 111 };
  static const uint64_t shapes[][3] = {{3, 37, 1}, {1, 5, 21}};
  static _Alignas(64) uint8_t from[LINE + N * 8], to[2 * LINE + N * 8];
  uint64_t x[N], want[N];
  (void)state;
  for (int t = 0; t < 2 * DTYPES; t++) {
    const uint32_t dtype = dtypes[t / 2];
    const uint64_t outer = shapes[t % 2][0], axis = shapes[t % 2][1], inner = shapes[t % 2][2];
    const uint64_t size = canon_dtype_size(dtype), bytes = outer * axis * inner * size;
    canon_normalize_report report = {.struct_size = sizeof report};
    fill(dtype, (uint8_t *)x, N, 50);
    ref_normalize(dtype, x, want, outer, axis, inner, &report);
    for (uint64_t i = 0; i < LINE; i += size) {
      memcpy(from + i, x, bytes);
      for (uint64_t j = 0; j < LINE; j += size) {
        memset(to, 0x5A, sizeof to);
        numerics_service()->normalize(dtype, from + i, to + j, outer, axis, inner, NULL);
        assert_memory_equal(to + j, want, bytes);
        for (uint64_t k = 0; k < j; k++) assert_int_equal(to[k], 0x5A);
        for (uint64_t k = j + bytes; k < sizeof to; k++) assert_int_equal(to[k], 0x5A);
      }
      numerics_service()->normalize(dtype, from + i, from + i, outer, axis, inner, NULL);
      assert_memory_equal(from + i, want, bytes);
    }
  }
}

static void every_offset_of_both_gives_the_same_casts(void **state) {
  enum { N = 101 };
  static _Alignas(64) uint8_t from[LINE + N * 8], to[2 * LINE + N * 8];
  uint64_t x[N], want[N];
  (void)state;
  for (int a = 0; a < DTYPES; a++) {
    for (int b = 0; b < DTYPES; b++) {
      const uint64_t in_size = canon_dtype_size(dtypes[a]), out_size = canon_dtype_size(dtypes[b]);
      canon_cast_report report = {.struct_size = sizeof report, .refused = CANON_NONE};
      fill(dtypes[a], (uint8_t *)x, N, 7);
      ref_cast(dtypes[a], dtypes[b], 0, x, want, N, &report);
      for (uint64_t i = 0; i < LINE; i += in_size) {
        memcpy(from + i, x, N * in_size);
        for (uint64_t j = 0; j < LINE; j += out_size * (i % 3 + 1)) {
          memset(to, 0x5A, sizeof to);
          assert_int_equal(numerics_service()->cast(dtypes[a], dtypes[b], 0, from + i, to + j, N, NULL), CANON_OK);
          assert_memory_equal(to + j, want, N * out_size);
          for (uint64_t k = 0; k < j; k++) assert_int_equal(to[k], 0x5A);
          for (uint64_t k = j + N * out_size; k < sizeof to; k++) assert_int_equal(to[k], 0x5A);
        }
      }
    }
  }
}

struct results {
  uint64_t sum[5];
};

static struct results results_of(const canon_sums *sums, const canon_sums *products) {
  struct results results = {{0}};
  for (uint32_t what = CANON_SUMS_SUM; what <= CANON_SUMS_DOT; what++) {
    assert_int_equal(numerics_service()->sums_round(what == CANON_SUMS_DOT ? products : sums, what, CANON_F64,
                                                    &results.sum[what - 1]),
                     CANON_OK);
  }
  return results;
}

static canon_sums *new_sums(uint32_t kinds) {
  canon_sums *sums = malloc(numerics_service()->sums_bytes);
  assert_non_null(sums);
  numerics_service()->sums_init(sums, kinds);
  return sums;
}

enum { BOTH = CANON_SUMS_VALUES | CANON_SUMS_SQUARES };

static struct results ref_results(uint32_t dtype, const void *x, const void *y, uint64_t n) {
  canon_sums *sums = new_sums(BOTH), *products = new_sums(CANON_SUMS_PRODUCTS);
  ref_sums((struct sums *)(void *)sums, dtype, x, n);
  ref_products((struct sums *)(void *)products, dtype, x, y, n);
  ((struct sums *)(void *)sums)->elements = n;
  const struct results results = results_of(sums, products);
  free(sums), free(products);
  return results;
}

static void every_offset_of_both_gives_the_same_sums(void **state) {
  enum { N = 203 };
  static _Alignas(64) uint8_t a[LINE + N * 8], b[LINE + N * 8];
  uint64_t x[N], y[N];
  (void)state;
  for (int t = 0; t < DTYPES; t++) {
    const uint64_t size = canon_dtype_size(dtypes[t]);
    canon_sums *sums = new_sums(BOTH), *products = new_sums(CANON_SUMS_PRODUCTS);
    fill(dtypes[t], (uint8_t *)x, N, 0);
    fill(dtypes[t], (uint8_t *)y, N, 0);
    const struct results want = ref_results(dtypes[t], x, y, N);
    for (uint64_t i = 0; i < LINE; i += size) {
      memcpy(a + i, x, N * size);
      for (uint64_t j = 0; j < LINE; j += size) {
        memcpy(b + j, y, N * size);
        numerics_service()->sums_init(sums, BOTH);
        numerics_service()->sums_init(products, CANON_SUMS_PRODUCTS);
        numerics_service()->sums_add(sums, dtypes[t], a + i, N);
        numerics_service()->sums_add_products(products, dtypes[t], a + i, b + j, N);
        const struct results got = results_of(sums, products);
        assert_memory_equal(&got, &want, sizeof want);
      }
    }
    free(sums), free(products);
  }
}

/* Into two states in turn, one merged into the other at the end. */
static struct results results_in_pieces(uint32_t dtype, const uint8_t *x, const uint8_t *y, uint64_t n,
                                        uint64_t piece) {
  const canon_numerics *numerics = numerics_service();
  canon_sums *sums[2] = {new_sums(BOTH), new_sums(BOTH)};
  canon_sums *products[2] = {new_sums(CANON_SUMS_PRODUCTS), new_sums(CANON_SUMS_PRODUCTS)};
  for (uint64_t i = 0, turn = 0; i < n; i += piece, turn ^= 1) {
    const uint64_t count = n - i < piece ? n - i : piece, at = i * canon_dtype_size(dtype);
    numerics->sums_add(sums[turn], dtype, x + at, count);
    numerics->sums_add_products(products[turn], dtype, x + at, y + at, count);
  }
  numerics->sums_merge(sums[0], sums[1]);
  numerics->sums_merge(products[1], products[0]);
  const struct results results = results_of(sums[0], products[1]);
  for (int i = 0; i < 2; i++) free(sums[i]), free(products[i]);
  return results;
}

static void sums_may_be_cut_into_pieces_of_any_size(void **state) {
  static uint64_t x[MOST], y[MOST];
  (void)state;
  for (int t = 0; t < DTYPES; t++) {
    for (uint64_t odd = 0; odd < 40; odd += 39) { /* with infinities and NaN, or without */
      const uint64_t n = odd ? 700 : MOST;
      fill(dtypes[t], (uint8_t *)x, n, odd);
      fill(dtypes[t], (uint8_t *)y, n, odd);
      const struct results want = ref_results(dtypes[t], x, y, n);
      for (uint64_t piece = 1; piece <= n; piece += piece < 70 ? 1 : piece < 2040 ? 197 : piece < 4300 ? 13 : 1000) {
        const struct results got = results_in_pieces(dtypes[t], (uint8_t *)x, (uint8_t *)y, n, piece);
        assert_memory_equal(&got, &want, sizeof want);
      }
    }
  }
}

static void rows_may_be_cut_into_blocks_of_any_size(void **state) {
  enum { ROWS = 70, AXIS = 45 };
  static uint64_t x[ROWS * AXIS], want[ROWS * AXIS], got[ROWS * AXIS];
  const canon_numerics *numerics = numerics_service();
  (void)state;
  for (int t = 0; t < DTYPES; t++) {
    const uint64_t size = canon_dtype_size(dtypes[t]), row = AXIS * size;
    canon_normalize_report report = {.struct_size = sizeof report};
    fill(dtypes[t], (uint8_t *)x, ROWS * AXIS, 97);
    ref_normalize(dtypes[t], x, want, ROWS, AXIS, 1, &report);
    for (uint64_t block = 1; block <= ROWS; block++) {
      canon_normalize_report mine = {.struct_size = sizeof mine};
      memcpy(got, x, ROWS * row); /* in place */
      for (uint64_t i = 0; i < ROWS; i += block) {
        uint8_t *at = (uint8_t *)got + i * row;
        numerics->normalize(dtypes[t], at, at, ROWS - i < block ? ROWS - i : block, AXIS, 1, &mine);
      }
      assert_memory_equal(got, want, ROWS * row);
      assert_int_equal(mine.nan_rows, report.nan_rows);
      assert_int_equal(mine.infinite_rows, report.infinite_rows);
      assert_int_equal(mine.small_rows, report.small_rows);
    }
  }
}

static void columns_may_be_cut_into_blocks_of_any_size(void **state) {
  enum { AXIS = 30, INNER = 150 };
  static uint64_t x[AXIS * INNER], want[AXIS * INNER], block[AXIS * INNER];
  (void)state;
  for (int t = 0; t < DTYPES; t++) {
    const uint64_t size = canon_dtype_size(dtypes[t]);
    const uint8_t *from = (const uint8_t *)x;
    canon_normalize_report report = {.struct_size = sizeof report};
    fill(dtypes[t], (uint8_t *)x, AXIS * INNER, 211);
    ref_normalize(dtypes[t], x, want, 1, AXIS, INNER, &report);
    for (uint64_t wide = 1; wide <= INNER; wide += wide < 70 ? 1 : 20) {
      for (uint64_t j = 0; j < INNER; j += wide) {
        const uint64_t count = INNER - j < wide ? INNER - j : wide, bytes = count * size;
        for (uint64_t i = 0; i < AXIS; i++) memcpy((uint8_t *)block + i * bytes, from + (i * INNER + j) * size, bytes);
        numerics_service()->normalize(dtypes[t], block, block, 1, AXIS, count, NULL);
        for (uint64_t i = 0; i < AXIS; i++) {
          assert_memory_equal((uint8_t *)block + i * bytes, (uint8_t *)want + (i * INNER + j) * size, bytes);
        }
      }
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_offset_of_both_gives_the_same_rows),
      cmocka_unit_test(every_offset_of_both_gives_the_same_casts),
      cmocka_unit_test(every_offset_of_both_gives_the_same_sums),
      cmocka_unit_test(sums_may_be_cut_into_pieces_of_any_size),
      cmocka_unit_test(rows_may_be_cut_into_blocks_of_any_size),
      cmocka_unit_test(columns_may_be_cut_into_blocks_of_any_size),
  };
  int failures = 0;
  for (size_t i = 1; dispatch_machine(i); i++) {
    dispatch_limit(dispatch_machine(i));
    if (strcmp(numerics_service()->isa(), dispatch_machine(i)) != 0) continue; /* not on this CPU */
    failures += _cmocka_run_group_tests(dispatch_machine(i), tests, sizeof tests / sizeof tests[0], NULL, NULL);
  }
  return failures;
}
