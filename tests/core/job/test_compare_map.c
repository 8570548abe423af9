/* SPDX-License-Identifier: MIT
 * test_compare_map.c: cells and cases are those that a plain look at every element finds, in any order of blocks. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/job/compare.h"
#include "tests/support/support.h"

enum { N = 70000 };

static union {
  float f32[N];
  int32_t i32[N];
  uint8_t bytes[N * sizeof(float)];
} a, b;
static const struct rules no_checks = {.n = 1};
static uint64_t state = 1;

static uint64_t number(uint64_t below) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (state >> 33) % below;
}

/* Blocks from the last one to the first. */
static void run(uint32_t dtype, uint64_t n, uint64_t columns, uint64_t block, canon_diff_map *made) {
  static struct map map;
  struct pair pair = {.element = element_of(dtype), .elements = n, .rules = &no_checks, .map = &map};
  uint64_t size = pair.element.size * pair.element.parts;
  struct tally tally;
  void *scratch = malloc(compare_scratch());
  memset(&map, 0, sizeof map);
  map_init(&map, n / columns, columns);
  tally_init(&tally);
  for (uint64_t i = (n + block - 1) / block; i--;) {
    uint64_t first = i * block, count = n - first < block ? n - first : block;
    struct tally part;
    tally_init(&part);
    compare_block(&pair, a.bytes + first * size, b.bytes + first * size, first, count, scratch, &part, NULL);
    tally_merge(&tally, &part, &no_checks);
  }
  memset(made, 0, sizeof *made);
  map_finish(&map, n / columns, &tally.cases, made);
  free(scratch);
}

/* The largest |a - b| below the last one, of equal ones the first behind it. */
static uint64_t next_worst(uint64_t n, const uint64_t *distance, uint64_t last) {
  uint64_t best = CANON_NONE;
  for (uint64_t i = 0; i < n; i++) {
    if (!distance[i]) continue;
    if (last != CANON_NONE && (distance[i] > distance[last] || (distance[i] == distance[last] && i <= last))) continue;
    if (best == CANON_NONE || distance[i] > distance[best]) best = i;
  }
  return best;
}

static void assert_map(uint64_t n, uint64_t columns, uint64_t block) {
  static canon_diff_map made;
  static uint64_t distance[N];
  static uint64_t cells[CANON_MAP_ROWS][CANON_MAP_COLUMNS];
  uint64_t rows = n / columns, worst = CANON_NONE;
  for (uint64_t i = 0; i < n; i++) {
    a.i32[i] = (int32_t)number(UINT32_MAX);
    b.i32[i] = number(3) ? a.i32[i] : (int32_t)number(2000);
    distance[i] = (uint64_t)llabs((int64_t)a.i32[i] - (int64_t)b.i32[i]);
  }
  run(CANON_I32, n, columns, block, &made);
  assert_true(made.rows <= CANON_MAP_ROWS && made.rows * made.cell_rows >= rows &&
              (made.rows - 1) * made.cell_rows < rows);
  assert_true(made.columns <= CANON_MAP_COLUMNS && made.columns * made.cell_columns >= columns);
  assert_true((made.columns - 1) * made.cell_columns < columns);
  memset(cells, 0, sizeof cells);
  for (uint64_t i = 0; i < n; i++)
    cells[i / columns / made.cell_rows][i % columns / made.cell_columns] += a.i32[i] != b.i32[i];
  assert_memory_equal(cells, made.differing, sizeof cells);
  for (uint64_t i = 0; i < CANON_MAP_CASES; i++) {
    worst = next_worst(n, distance, worst);
    assert_int_equal(made.n_worst > i, worst != CANON_NONE);
    if (worst == CANON_NONE) break;
    assert_int_equal(made.worst[i].element, worst);
    assert_int_equal(made.worst[i].a_bits, (uint32_t)a.i32[worst]);
    assert_int_equal(made.worst[i].b_bits, (uint32_t)b.i32[worst]);
    assert_true(made.worst[i].distance == (double)distance[worst]);
  }
  assert_int_equal(made.n_others, 0);
}

static void test_any_shape_and_any_blocks(void **unused) {
  (void)unused;
  assert_map(1, 1, 1);
  assert_map(24, 24, 5);
  assert_map(24, 1, 24);
  assert_map(96 * 64, 96, 1000);
  assert_map(97 * 65, 97, 64);
  assert_map(N, N, 4096);
  assert_map(N, 1, 4096);
  assert_map(N, 700, 333);
}

static void test_what_is_no_pair_of_numbers_is_listed_apart(void **unused) {
  (void)unused;
  static canon_diff_map made;
  memset(&a, 0, sizeof a);
  memset(&b, 0, sizeof b);
  b.f32[3] = -0.0f;
  a.f32[40] = NAN;
  b.f32[50] = INFINITY;
  a.f32[60] = 1, b.f32[60] = 1.0000001f;
  a.f32[70] = -1, b.f32[70] = 1;
  run(CANON_F32, 100, 10, 7, &made);
  assert_int_equal(made.n_others, 3);
  assert_int_equal(made.others[0].element, 3);
  assert_int_equal(made.others[0].b_bits, 0x80000000);
  assert_int_equal(made.others[0].ulp, CANON_NONE);
  assert_int_equal(made.others[1].element, 40);
  assert_int_equal(made.others[2].element, 50);
  assert_int_equal(made.n_worst, 2);
  assert_int_equal(made.worst[0].element, 70);
  assert_true(made.worst[0].distance == 2);
  assert_int_equal(made.worst[1].element, 60);
  assert_int_equal(made.worst[1].ulp, 1);
}

static void test_parts_of_complex_numbers_are_cases_of_their_own(void **unused) {
  (void)unused;
  static canon_diff_map made;
  memset(&a, 0, sizeof a);
  memset(&b, 0, sizeof b);
  b.f32[14] = 1, b.f32[15] = 2; /* element 7 */
  b.f32[17] = 1;                /* element 8 */
  run(CANON_C64, 10, 10, 3, &made);
  assert_int_equal(made.differing[0][7] + made.differing[0][8], 2);
  assert_int_equal(made.n_worst, 3);
  assert_int_equal(made.worst[0].element, 7);
  assert_int_equal(made.worst[0].part, 1);
  assert_int_equal(made.worst[1].element, 7);
  assert_int_equal(made.worst[1].part, 0);
  assert_int_equal(made.worst[2].element, 8);
  assert_int_equal(made.worst[2].part, 1);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_any_shape_and_any_blocks),
      cmocka_unit_test(test_what_is_no_pair_of_numbers_is_listed_apart),
      cmocka_unit_test(test_parts_of_complex_numbers_are_cases_of_their_own),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
