/* SPDX-License-Identifier: MIT
 * The transform reduce as the host drives it: options, plan, what it refuses; that results do not depend on the cuts.
 */
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

static const canon_transform *transform(void) { return support_transform("reduce"); }

static void *open_with(canon_job *job, const char *operation, const char *axis) {
  void *self = NULL;
  const canon_instance *instance = axis ? support_instance(job, "axis", axis, NULL) : support_instance(job, NULL);
  assert_int_equal(transform()->open(job, instance, operation, &self), CANON_OK);
  return self;
}

static canon_plan plan_of(const canon_tensor *in) {
  return (canon_plan){.struct_size = sizeof(canon_plan), .out = *in, .axis = 1, .inner = 1};
}

/* Reduces x[outer][axis][inner], `part` elements of the axis at a time, all into one state a place, or with `merge`
 * each part into a state of its own. Returns finish()'s status; *error, where not NULL, holds the failure's text. */
static int32_t reduce(const char *operation, uint32_t dtype, const void *x, uint64_t axis, uint64_t inner,
                      uint64_t part, int merge, void *y, char *error) {
  _Alignas(64) static char states[1 << 16], others[1 << 16];
  static char slab[1 << 14];
  canon_job *job = support_job();
  void *self = open_with(job, operation, "0");
  canon_tensor in = {.dtype = dtype, .rank = 2, .shape = {axis, inner}};
  canon_plan plan = plan_of(&in);
  uint64_t size = canon_dtype_size(dtype) * inner;
  assert_int_equal(transform()->plan(job, self, &in, &plan), CANON_OK);
  assert_int_equal(plan.state_bytes % 8, 0);
  assert_true(inner * plan.state_bytes <= sizeof states && part * size <= sizeof slab);
  if (!plan.mergeable) merge = 0;
  const canon_cut whole = {.struct_size = sizeof whole,
                           .in_dtype = dtype,
                           .out_dtype = plan.out.dtype,
                           .outer = 1,
                           .axis = axis,
                           .inner = inner};
  assert_int_equal(transform()->begin(job, self, &whole, states, inner), CANON_OK);
  for (uint64_t first = 0; first < axis; first += part) {
    uint64_t count = axis - first < part ? axis - first : part;
    canon_block block = {.struct_size = sizeof block,
                         .whole = &whole,
                         .in = slab,
                         .outer = 1,
                         .axis = count,
                         .inner = inner,
                         .first_axis = first};
    memcpy(slab, (const char *)x + first * size, count * size);
    if (merge) assert_int_equal(transform()->begin(job, self, &whole, others, inner), CANON_OK);
    assert_int_equal(transform()->add(job, self, merge ? others : states, &block), CANON_OK);
    if (merge) assert_int_equal(transform()->merge(job, self, &whole, states, others, inner), CANON_OK);
  }
  canon_block result = {.struct_size = sizeof result, .whole = &whole, .out = y, .outer = 1, .axis = 1, .inner = inner};
  int32_t code = transform()->finish(job, self, states, &result);
  if (error) strcpy(error, support_error(job));
  transform()->close(job, self);
  assert_int_equal(support_leaked(job), 0);
  support_job_free(job);
  return code;
}

static void the_shape_loses_the_axis_or_keeps_it_as_one(void **state) {
  static const struct {
    const char *axis;
    int keep;
    uint64_t elements, inner;
    uint32_t rank;
    uint64_t shape[3];
  } cases[] = {
      {NULL, 0, 5, 1, 2, {4, 96, 0}}, {"0", 0, 4, 480, 2, {96, 5, 0}},   {"-2", 0, 96, 5, 2, {4, 5, 0}},
      {"1", 1, 96, 5, 3, {4, 1, 5}},  {"all", 0, 1920, 1, 0, {0, 0, 0}}, {"all", 1, 1920, 1, 3, {1, 1, 1}},
  };
  canon_tensor in = {.dtype = CANON_I16, .rank = 3, .shape = {4, 96, 5}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    canon_job *job = support_job();
    const char *axis = cases[i].axis ? cases[i].axis : "-1";
    const canon_instance *instance = cases[i].keep   ? support_instance(job, "axis", axis, "keepdims", "", NULL)
                                     : cases[i].axis ? support_instance(job, "axis", axis, NULL)
                                                     : support_instance(job, NULL);
    void *self = NULL;
    canon_plan plan = plan_of(&in);
    assert_int_equal(transform()->open(job, instance, "sum", &self), CANON_OK);
    assert_int_equal(transform()->plan(job, self, &in, &plan), CANON_OK);
    assert_int_equal(plan.axis, cases[i].elements);
    assert_int_equal(plan.inner, cases[i].inner);
    assert_int_equal(plan.out.dtype, CANON_I64);
    assert_int_equal(plan.out.rank, cases[i].rank);
    assert_memory_equal(plan.out.shape, cases[i].shape, cases[i].rank * sizeof(uint64_t));
    transform()->close(job, self);
    support_job_free(job);
  }
}

static void assert_refused(const char *operation, const char *axis, canon_tensor in, int32_t code, const char *text) {
  canon_job *job = support_job();
  void *self = open_with(job, operation, axis);
  canon_plan plan = plan_of(&in);
  assert_int_equal(transform()->plan(job, self, &in, &plan), code);
  assert_non_null(strstr(support_error(job), text));
  transform()->close(job, self);
  support_job_free(job);
}

static void what_has_no_rule_is_refused_by_name(void **state) {
  (void)state;
  for (uint32_t dtype = 1; dtype < CANON_DTYPE_END; dtype++) {
    canon_tensor in = {.dtype = dtype, .rank = 1, .shape = {3}};
    uint32_t kind = canon_dtype_kind(dtype);
    if (kind == CANON_KIND_RAW || dtype == CANON_F8_E8M0FNU)
      assert_refused("sum", NULL, in, CANON_E_UNSUPPORTED, canon_dtype_name(dtype));
    if (kind == CANON_KIND_RAW || kind == CANON_KIND_COMPLEX) {
      assert_refused("max", NULL, in, CANON_E_UNSUPPORTED, canon_dtype_name(dtype));
      assert_refused("norm", NULL, in, CANON_E_UNSUPPORTED, canon_dtype_name(dtype));
    }
  }
  assert_refused("sum", NULL, (canon_tensor){.dtype = CANON_F32}, CANON_E_UNSUPPORTED, "rank 0");
  assert_refused("sum", "1", (canon_tensor){.dtype = CANON_F32, .rank = 1, .shape = {3}}, CANON_E_USAGE, "rank 1");
}

static void nothing_sums_to_zero_and_has_no_mean_or_extreme(void **state) {
  static const char *const zero[] = {"sum", "sumsq", "norm"}, *const refused[] = {"mean", "min", "max"};
  (void)state;
  for (size_t i = 0; i < 3; i++) {
    float y[2] = {5, 5}, want[2] = {0, 0};
    assert_int_equal(reduce(zero[i], CANON_F32, NULL, 0, 2, 1, 0, y, NULL), CANON_OK);
    assert_memory_equal(y, want, sizeof y);
    assert_refused(refused[i], NULL, (canon_tensor){.dtype = CANON_F32, .rank = 2, .shape = {2, 0}},
                   CANON_E_UNSUPPORTED, refused[i]);
  }
}

static void a_whole_number_that_does_not_fit_is_refused(void **state) {
  int64_t large[2] = {INT64_MAX, 1}, y, exact[3] = {INT64_MAX, INT64_MAX, -INT64_MAX};
  char error[1024];
  (void)state;
  assert_int_equal(reduce("sum", CANON_I64, large, 2, 1, 1, 0, &y, error), CANON_E_UNSUPPORTED);
  assert_non_null(strstr(error, "i64"));
  assert_int_equal(reduce("sumsq", CANON_I64, large, 2, 1, 1, 0, &y, NULL), CANON_E_UNSUPPORTED);
  assert_int_equal(reduce("sum", CANON_I64, exact, 3, 1, 1, 0, &y, NULL), CANON_OK);
  assert_true(y == INT64_MAX);
}

/* Sums that a rounding on the way would lose; -0 below +0; NaN over all. */
static void results_are_exact_however_the_axis_is_cut(void **state) {
  static const double x[7][2] = {{1e300, 3}, {1, -0.0}, {-1e300, 0.0}, {1e-300, 4}, {0x1p60, 0}, {-0x1p60, 0}, {2, 0}};
  static const struct {
    const char *operation;
    double want[2];
  } cases[] = {
      {"sum", {3, 7}},           {"mean", {3.0 / 7, 1}},  {"norm", {1.4142135623730951e300, 5}},
      {"sumsq", {INFINITY, 25}}, {"min", {-1e300, -0.0}}, {"max", {1e300, 4}},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    for (uint64_t part = 1; part <= 7; part++)
      for (int merge = 0; merge < 2; merge++) {
        double y[2];
        assert_int_equal(reduce(cases[i].operation, CANON_F64, x, 7, 2, part, merge, y, NULL), CANON_OK);
        assert_memory_equal(y, cases[i].want, sizeof y);
      }
}

static void a_nan_becomes_the_positive_quiet_one(void **state) {
  static const char *const operations[] = {"sum", "mean", "norm", "sumsq", "min", "max"};
  static const struct {
    uint32_t dtype;
    uint16_t one, nan, want;
  } cases[] = {
      {CANON_F16, 0x3c00, 0xfd01, 0x7e00}, {CANON_BF16, 0x3f80, 0xff81, 0x7fc0},  {CANON_F8_E4M3FN, 0x38, 0xff, 0x7f},
      {CANON_F8_E5M2, 0x3c, 0xfd, 0x7e},   {CANON_F8_E4M3FNUZ, 0x40, 0x80, 0x80}, {CANON_F8_E5M2FNUZ, 0x40, 0x80, 0x80},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    for (size_t k = 0; k < 6; k++) {
      uint8_t bytes[2] = {(uint8_t)cases[i].one, (uint8_t)cases[i].nan}, byte = 0;
      uint16_t words[2] = {cases[i].one, cases[i].nan}, word = 0;
      int small = canon_dtype_size(cases[i].dtype) == 1;
      assert_int_equal(reduce(operations[k], cases[i].dtype, small ? (void *)bytes : (void *)words, 2, 1, 1, 1,
                              small ? (void *)&byte : (void *)&word, NULL),
                       CANON_OK);
      assert_int_equal(small ? byte : word, cases[i].want);
    }
}

static void whole_numbers_have_64_bits(void **state) {
  static const int8_t x[3] = {-128, 127, -1};
  static const uint8_t truths[3] = {1, 0, 1};
  int64_t y;
  uint64_t count;
  double mean;
  (void)state;
  assert_int_equal(reduce("min", CANON_I8, x, 3, 1, 2, 1, &y, NULL), CANON_OK);
  assert_true(y == -128);
  assert_int_equal(reduce("max", CANON_I8, x, 3, 1, 2, 1, &y, NULL), CANON_OK);
  assert_true(y == 127);
  assert_int_equal(reduce("mean", CANON_I8, x, 3, 1, 2, 1, &mean, NULL), CANON_OK);
  assert_true(mean == -2.0 / 3);
  assert_int_equal(reduce("sum", CANON_BOOL, truths, 3, 1, 2, 1, &count, NULL), CANON_OK);
  assert_true(count == 2);
}

static void complex_numbers_sum_by_component(void **state) {
  static const float x[3][2] = {{1, 1e30f}, {2, -1}, {6, -1e30f}};
  float y[2], sum[2] = {9, -1}, mean[2] = {3, -1.0f / 3};
  (void)state;
  assert_int_equal(reduce("sum", CANON_C64, x, 3, 1, 2, 1, y, NULL), CANON_OK);
  assert_memory_equal(y, sum, sizeof y);
  assert_int_equal(reduce("mean", CANON_C64, x, 3, 1, 1, 1, y, NULL), CANON_OK);
  assert_memory_equal(y, mean, sizeof y);
}

static void an_unknown_operation_order_or_axis_is_a_usage_error(void **state) {
  static const char *const cases[][3] = {{"median", "axis", "0"}, {"sum", "order", "random"}, {"sum", "axis", "last"}};
  (void)state;
  for (size_t i = 0; i < 3; i++) {
    canon_job *job = support_job();
    void *self = NULL;
    assert_int_equal(transform()->open(job, support_instance(job, cases[i][1], cases[i][2], NULL), cases[i][0], &self),
                     CANON_E_USAGE);
    if (self) transform()->close(job, self);
    assert_int_equal(support_leaked(job), 0);
    support_job_free(job);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_shape_loses_the_axis_or_keeps_it_as_one),
      cmocka_unit_test(what_has_no_rule_is_refused_by_name),
      cmocka_unit_test(nothing_sums_to_zero_and_has_no_mean_or_extreme),
      cmocka_unit_test(a_whole_number_that_does_not_fit_is_refused),
      cmocka_unit_test(results_are_exact_however_the_axis_is_cut),
      cmocka_unit_test(a_nan_becomes_the_positive_quiet_one),
      cmocka_unit_test(whole_numbers_have_64_bits),
      cmocka_unit_test(complex_numbers_sum_by_component),
      cmocka_unit_test(an_unknown_operation_order_or_axis_is_a_usage_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
