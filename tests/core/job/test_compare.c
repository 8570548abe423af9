/* SPDX-License-Identifier: MIT
 * test_compare.c: canon_compare from end to end: what is matched, the classes of differences, threads, and each of its
 * allocations failing in turn. */
#include <canon/canon.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/support.h"

static const char state_dict[] = "corpus/formats/torch/2.8.0/state_dict.pt",
                  older[] = "corpus/formats/torch/2.7.1/state_dict.pt";

static char folder[64], name_a[128], name_b[128];
static canon_context *context;
static canon_artifact *a, *b;
static canon_comparison *comparison;

static void write_npy(const char *path, const char *descr, const char *shape, const void *values, size_t bytes) {
  char header[129] = "\x93NUMPY\x01", text[119];
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  memset(header + 8, ' ', 120);
  header[7] = 0;
  header[8] = 118;
  header[9] = 0;
  int length = snprintf(text, sizeof text, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }", descr, shape);
  memcpy(header + 10, text, (size_t)length);
  header[127] = '\n';
  assert_int_equal(fwrite(header, 1, 128, file), 128);
  assert_int_equal(fwrite(values, 1, bytes, file), bytes);
  fclose(file);
}

static int setup(void **state) {
  (void)state;
  strcpy(folder, "/tmp/canon-compare-XXXXXX");
  if (!mkdtemp(folder)) return 1;
  snprintf(name_a, sizeof name_a, "%s/a.npy", folder);
  snprintf(name_b, sizeof name_b, "%s/b.npy", folder);
  context = canon_context_new();
  return !context || canon_context_load(context, NULL, 0);
}

static int teardown(void **state) {
  (void)state;
  char command[128];
  canon_context_free(context);
  snprintf(command, sizeof command, "rm -rf %s", folder);
  return system(command) != 0;
}

static void done(void) {
  canon_comparison_free(comparison);
  canon_artifact_close(a);
  canon_artifact_close(b);
  comparison = NULL;
  a = b = NULL;
}

static int32_t compare_files(const char *x, const char *y, const canon_compare_options *options) {
  done();
  int32_t code = canon_artifact_open(context, x, NULL, &a);
  if (!code) code = canon_artifact_open(context, y, NULL, &b);
  return code ? code : canon_compare(a, b, options, &comparison);
}

static const canon_difference *compare_arrays(const char *descr, const char *shape, const void *x, const void *y,
                                              size_t bytes) {
  write_npy(name_a, descr, shape, x, bytes);
  write_npy(name_b, descr, shape, y, bytes);
  assert_int_equal(compare_files(name_a, name_b, NULL), CANON_OK);
  assert_int_equal(canon_comparison_tensors(comparison), 1);
  return canon_comparison_tensor(comparison, 0);
}

static void test_no_elements_and_one(void **state) {
  (void)state;
  static const float one = 1, two = 2;
  const canon_difference *d = compare_arrays("<f4", "(3, 0)", &one, &two, 0);
  assert_int_equal(d->status, CANON_DIFF_SAME);
  assert_int_equal(d->elements, 0);
  assert_int_equal(d->measured, 0);
  d = compare_arrays("<f4", "()", &one, &two, 4);
  assert_int_equal(d->status, CANON_DIFF_DIFFERS);
  assert_int_equal(d->verdict, CANON_CLASS_VALUES);
  assert_int_equal(d->first, 0);
  assert_true(d->max_abs == 1 && d->mean_abs == 1);
  assert_int_equal(d->max_ulp, 1 << 23);
  done();
}

enum { MANY = 300000 };
static float many_a[MANY], many_b[MANY];

static void fill(void) {
  for (int i = 0; i < MANY; i++) many_a[i] = many_b[i] = (float)(i % 1000 + 1) * 0.37f;
}

static void test_mean_is_rounded_once(void **state) {
  (void)state;
  fill();
  many_b[MANY - 1] = 1e30f;
  many_b[0] = many_a[0] + 0x1p-20f;
  const canon_difference *d = compare_arrays("<f4", "(300, 1000)", many_a, many_b, sizeof many_a);
  assert_int_equal(d->differing, 2);
  assert_int_equal(d->worst, MANY - 1);
  assert_true(d->max_abs == (double)1e30f - (double)many_a[MANY - 1]);
  assert_true(d->mean_abs == (double)1e30f / MANY);
  done();
}

static void test_results_do_not_depend_on_threads(void **state) {
  (void)state;
  fill();
  for (int i = 0; i < MANY; i += 7) many_b[i] = many_a[i] * (1 + (float)(i % 13) * 1e-5f);
  canon_difference first = {0};
  for (uint32_t threads = 1; threads <= 8; threads++) {
    canon_context_threads(context, threads);
    const canon_difference *d = compare_arrays("<f4", "(300, 1000)", many_a, many_b, sizeof many_a);
    if (threads == 1) first = *d;
    assert_memory_equal(d, &first, sizeof first);
  }
  canon_context_threads(context, 0);
  done();
}

static uint32_t verdict_on(const char *descr, const char *shape, const void *x, const void *y, size_t bytes) {
  uint32_t verdict = compare_arrays(descr, shape, x, y, bytes)->verdict;
  assert_int_equal(canon_comparison_verdict(comparison), verdict);
  return verdict;
}

static void test_classes(void **state) {
  (void)state;
  fill();
  assert_int_equal(verdict_on("<f4", "(300, 1000)", many_a, many_b, sizeof many_a), CANON_CLASS_SAME);
  for (int i = 0; i < 100; i++) many_b[i * 1999] = nextafterf(many_b[i * 1999], i % 2 ? 0 : INFINITY);
  assert_int_equal(verdict_on("<f4", "(300, 1000)", many_a, many_b, sizeof many_a), CANON_CLASS_ROUNDING);
  many_b[4242] = nextafterf(nextafterf(many_b[4242], 0), 0);
  assert_int_equal(verdict_on("<f4", "(300, 1000)", many_a, many_b, sizeof many_a), CANON_CLASS_VALUES);
  for (int i = 0; i < MANY; i++) many_b[i] = nextafterf(many_a[i], INFINITY);
  assert_int_equal(verdict_on("<f4", "(300, 1000)", many_a, many_b, sizeof many_a), CANON_CLASS_VALUES);
  static const uint16_t halves[] = {0x3c00, 0x3c01, 0x8000}, other_halves[] = {0x3c00, 0x3c02, 0x0000};
  assert_int_equal(verdict_on("<f2", "(3,)", halves, other_halves, sizeof halves), CANON_CLASS_HALF_FLIP);
  assert_int_equal(verdict_on("<f2", "(1,)", halves + 2, other_halves + 2, 2), CANON_CLASS_ROUNDING);
  static const uint8_t bytes[] = {1, 2}, other_bytes[] = {1, 3};
  assert_int_equal(verdict_on("|u1", "(2,)", bytes, other_bytes, sizeof bytes), CANON_CLASS_VALUES);
}

static void test_rows_and_elements_in_another_order(void **state) {
  (void)state;
  for (int i = 0; i < MANY; i++) many_a[i] = (float)((i * 7919L) % 100003);
  for (int row = 0; row < 300; row++) memcpy(many_b + row * 1000, many_a + (299 - row) * 1000, 4000);
  assert_int_equal(verdict_on("<f4", "(300, 1000)", many_a, many_b, sizeof many_a), CANON_CLASS_PERMUTATION);
  assert_int_equal(verdict_on("<f4", "(2, 150000)", many_a, many_b, sizeof many_a), CANON_CLASS_PERMUTATION);
  assert_int_equal(verdict_on("<f4", "(300000,)", many_a, many_b, sizeof many_a), CANON_CLASS_PERMUTATION);
  many_b[0] += 1;
  many_b[1] -= 1; /* the sums are equal, the elements are not */
  assert_int_equal(verdict_on("<f4", "(300000,)", many_a, many_b, sizeof many_a), CANON_CLASS_VALUES);
  static const int64_t ids[] = {5, 3, 3, 9}, other_ids[] = {3, 9, 5, 3};
  assert_int_equal(verdict_on("<i8", "(4,)", ids, other_ids, sizeof ids), CANON_CLASS_PERMUTATION);
}

static void test_shape_and_dtype_are_told_apart(void **state) {
  (void)state;
  write_npy(name_a, "<f4", "(2, 3)", many_a, 24);
  write_npy(name_b, "<f4", "(3, 2)", many_a, 24);
  assert_int_equal(compare_files(name_a, name_b, NULL), CANON_OK);
  assert_int_equal(canon_comparison_tensor(comparison, 0)->status, CANON_DIFF_SHAPE);
  assert_int_equal(canon_comparison_verdict(comparison), CANON_CLASS_STRUCTURE);
  write_npy(name_b, "<f8", "(2, 3)", many_a, 48);
  assert_int_equal(compare_files(name_a, name_b, NULL), CANON_OK);
  assert_int_equal(canon_comparison_tensor(comparison, 0)->status, CANON_DIFF_DTYPE);
  done();
}

static void compare_with(const canon_check *checks, uint64_t n, int32_t code) {
  const canon_compare_options options = {.checks = checks, .n_checks = n};
  assert_int_equal(compare_files(name_a, name_b, &options), code);
}

static void test_checks_of_other_libraries(void **state) {
  (void)state;
  static const float x[] = {1, 2, NAN, 4}, y[] = {1.00001f, 2, NAN, 4.0001f};
  const canon_check checks[] = {*canon_check_preset("torch"), *canon_check_preset("bitsandbytes"),
                                *canon_check_preset("assert_close")};
  write_npy(name_a, "<f4", "(4,)", x, sizeof x);
  write_npy(name_b, "<f4", "(4,)", y, sizeof y);
  compare_with(checks, 3, CANON_OK);
  assert_int_equal(canon_comparison_tensor(comparison, 0)->differing, 2);
  assert_int_equal(canon_comparison_tensor(comparison, 0)->nan_pairs, 1);
  static const uint64_t failing[] = {3, 2, 2}; /* the NaN, 4.0001, and one more */
  for (uint64_t i = 0; i < 3; i++) {
    const canon_check_result *result = canon_comparison_check(comparison, 0, i);
    assert_int_equal(result->passes, 0);
    assert_int_equal(result->failing, failing[i]);
    assert_true(isnan(result->least_rtol) && isnan(result->least_atol));
  }
  canon_check torch = checks[0];
  torch.flags = CANON_CHECK_EQUAL_NAN;
  compare_with(&torch, 1, CANON_OK);
  assert_int_equal(canon_comparison_check(comparison, 0, 0)->failing, 2);
  assert_true(canon_comparison_check(comparison, 0, 0)->least_rtol > 2e-5);
  assert_int_equal(canon_comparison_tensor(comparison, 0)->nan_pairs, CANON_NONE);
  assert_true(canon_comparison_tensor(comparison, 0)->least_atol == (double)y[3] - 4);
  assert_null(canon_check_preset("jax"));
  assert_null(canon_check_preset_at(4));
  done();
}

static void test_tolerances_path_by_path(void **state) {
  (void)state;
  const canon_tolerance rows[] = {
      {.pattern = "/**", .rtol = 10}, {.pattern = "/out.*", .atol = 100}, {.pattern = "/layers.0.bias"}};
  canon_check check = {.name = "file", .rows = rows, .n_rows = 3};
  canon_compare_options options = {.checks = &check, .n_checks = 1};
  assert_int_equal(compare_files(older, state_dict, &options), CANON_OK);
  for (uint64_t i = 0; i < canon_comparison_tensors(comparison); i++) {
    const char *path = canon_artifact_path(a, canon_comparison_tensor(comparison, i)->a);
    const canon_check_result *result = canon_comparison_check(comparison, i, 0);
    assert_true(result->rtol == (strstr(path, "out.") || strcmp(path, "/layers.0.bias") == 0 ? 0 : 10));
    assert_true(result->atol == (strstr(path, "out.") ? 100 : 0));
    if (strstr(path, "out.")) assert_int_equal(result->passes, 1);
    if (strcmp(path, "/layers.0.bias") == 0) assert_int_equal(result->failing, 4);
  }
  const canon_tolerance wrong[] = {
      {.pattern = "/nothing", .where = "line 7"}, {.atol = NAN}, {.rtol = -1}, {.rtol = INFINITY}};
  for (int i = 0; i < 4; i++) {
    check = (canon_check){.name = "file", .rows = &wrong[i], .n_rows = 1};
    assert_int_equal(compare_files(older, state_dict, &options), CANON_E_USAGE);
    if (i == 0)
      assert_non_null(strstr(canon_context_error(context)->text, "line 7: no tensor has a path like \"/nothing\""));
  }
  canon_check many[CANON_MAX_CHECKS + 1] = {{.name = "none"}};
  options = (canon_compare_options){.checks = many, .n_checks = CANON_MAX_CHECKS + 1};
  assert_int_equal(compare_files(older, state_dict, &options), CANON_E_USAGE);
  done();
}

static void test_an_artifact_is_not_compared_with_itself(void **state) {
  (void)state;
  write_npy(name_a, "<f4", "(2, 3)", many_a, 24);
  assert_int_equal(canon_artifact_open(context, name_a, NULL, &a), CANON_OK);
  assert_int_equal(canon_compare(a, a, NULL, &comparison), CANON_E_USAGE);
  assert_null(comparison);
  done();
}

static void test_tensors_are_in_the_order_of_a(void **state) {
  (void)state;
  const canon_compare_options first = {.flags = CANON_COMPARE_FIRST};
  assert_int_equal(compare_files(older, state_dict, NULL), CANON_OK);
  assert_int_equal(canon_comparison_tensors(comparison), 7);
  for (uint64_t i = 0, last = 0; i < 7; i++) {
    const canon_difference *d = canon_comparison_tensor(comparison, i);
    assert_true(d->a > last && d->b == d->a);
    last = d->a;
  }
  assert_int_equal(compare_files(state_dict, state_dict, &first), CANON_OK);
  assert_int_equal(canon_comparison_tensors(comparison), 7);
  assert_int_equal(canon_comparison_verdict(comparison), CANON_CLASS_SAME);
  assert_int_equal(compare_files(older, state_dict, &first), CANON_OK);
  assert_int_equal(canon_comparison_tensors(comparison), 1);
  assert_int_equal(canon_comparison_values(comparison), 0);
  done();
}

/* What has to be looked at, but counts as the same, is in no row and no cell: NaN for a check, zeros of either sign. */
static void test_places_are_those_of_elements_that_differ(void **state) {
  (void)state;
  static const float x[] = {NAN, 0, 1, 2, 3, 4}, y[] = {NAN, -0.0f, 1, 2, 3, 5};
  const canon_compare_options options = {.equal = CANON_EQUAL_VALUES, .flags = CANON_COMPARE_STATS, .maps = 1};
  const canon_compare_options checked = {
      .flags = CANON_COMPARE_STATS, .checks = canon_check_preset("torch"), .n_checks = 1, .maps = 1};
  write_npy(name_a, "<f4", "(3, 2)", x, sizeof x);
  write_npy(name_b, "<f4", "(3, 2)", y, sizeof y);
  assert_int_equal(compare_files(name_a, name_b, &options), CANON_OK);
  assert_int_equal(canon_comparison_tensor(comparison, 0)->differing, 2);
  assert_int_equal(canon_comparison_stats(comparison, 0)->columns_hit, 2);
  assert_int_equal(canon_comparison_map(comparison, 0)->differing[0][0], 1);
  assert_int_equal(canon_comparison_map(comparison, 0)->differing[0][1], 0);
  assert_int_equal(compare_files(name_a, name_b, &checked), CANON_OK);
  assert_int_equal(canon_comparison_tensor(comparison, 0)->differing, 2);
  assert_int_equal(canon_comparison_stats(comparison, 0)->columns_hit, 1);
  assert_int_equal(canon_comparison_stats(comparison, 0)->first_column, 1);
  assert_int_equal(canon_comparison_map(comparison, 0)->differing[0][0], 0);
  assert_int_equal(canon_comparison_map(comparison, 0)->differing[0][1], 1);
  assert_int_equal(canon_comparison_map(comparison, 0)->n_others, 1);
  done();
}

static void test_every_allocation_may_fail(void **state) {
  (void)state;
  fill();
  for (int i = 0; i < MANY; i++) many_b[i] = many_a[MANY - 1 - i];
  write_npy(name_a, "<f4", "(300, 1000)", many_a, sizeof many_a);
  write_npy(name_b, "<f4", "(300, 1000)", many_b, sizeof many_b);
  const char *pairs[][2] = {{name_a, name_b}, {state_dict, name_a}};
  canon_context_threads(context, 2);
  for (int i = 0; i < 2; i++) {
    uint64_t n = 0;
    int reached = 1;
    while (reached) {
      done();
      assert_int_equal(canon_artifact_open(context, pairs[i][0], NULL, &a), CANON_OK);
      assert_int_equal(canon_artifact_open(context, pairs[i][1], NULL, &b), CANON_OK);
      support_fail_allocation(++n);
      const canon_tolerance all = {.pattern = "**"};
      const canon_check check = {.name = "all", .rows = &all, .n_rows = 1};
      int32_t code = canon_compare(
          a, b, &(canon_compare_options){.flags = CANON_COMPARE_STATS, .checks = &check, .n_checks = 1, .maps = 1},
          &comparison);
      reached = support_fail_allocation(0);
      assert_true(code == CANON_OK || (reached && code == CANON_E_MEMORY));
      assert_int_equal(comparison == NULL, code != CANON_OK);
    }
    assert_true(n > 10);
    assert_non_null(comparison);
  }
  canon_context_threads(context, 0);
  done();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_no_elements_and_one),
      cmocka_unit_test(test_mean_is_rounded_once),
      cmocka_unit_test(test_results_do_not_depend_on_threads),
      cmocka_unit_test(test_classes),
      cmocka_unit_test(test_rows_and_elements_in_another_order),
      cmocka_unit_test(test_shape_and_dtype_are_told_apart),
      cmocka_unit_test(test_checks_of_other_libraries),
      cmocka_unit_test(test_tolerances_path_by_path),
      cmocka_unit_test(test_an_artifact_is_not_compared_with_itself),
      cmocka_unit_test(test_tensors_are_in_the_order_of_a),
      cmocka_unit_test(test_places_are_those_of_elements_that_differ),
      cmocka_unit_test(test_every_allocation_may_fail),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
