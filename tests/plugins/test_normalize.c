/* SPDX-License-Identifier: MIT
 * The transform normalize as the host drives it: option, plan, what it refuses; that blocks reach the numerics. */
#include "tests/support/support.h"

#include <string.h>

static const canon_transform *transform(void) { return support_transform("normalize"); }

/* Opens with `--axis axis`, or without where that is NULL. */
static void *open_with(canon_job *job, const char *axis) {
  void *self = NULL;
  const canon_instance *instance = axis ? support_instance(job, "axis", axis, NULL) : support_instance(job, NULL);
  assert_int_equal(transform()->open(job, instance, "ref", &self), CANON_OK);
  return self;
}

static canon_plan plan_of(const canon_tensor *in) {
  return (canon_plan){.struct_size = sizeof(canon_plan), .out = *in, .axis = 1, .inner = 1};
}

static const canon_tensor matrix = {.dtype = CANON_F32, .rank = 3, .shape = {4, 96, 5}};

static void the_last_axis_is_the_default(void **state) {
  (void)state;
  canon_job *job = support_job();
  void *self = open_with(job, NULL);
  canon_plan plan = plan_of(&matrix);
  assert_int_equal(transform()->plan(job, self, &matrix, &plan), CANON_OK);
  assert_int_equal(plan.axis, 5);
  assert_int_equal(plan.inner, 1);
  assert_int_equal(plan.guarantee, CANON_EXACT);
  assert_int_equal(plan.out.dtype, CANON_F32);
  transform()->close(job, self);
  assert_int_equal(support_leaked(job), 0);
  support_job_free(job);
}

static void an_axis_counts_from_the_front_or_the_back(void **state) {
  static const struct {
    const char *axis;
    uint64_t elements, inner;
  } cases[] = {{"0", 4, 480}, {"1", 96, 5}, {"2", 5, 1}, {"-1", 5, 1}, {"-2", 96, 5}, {"-3", 4, 480}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    canon_job *job = support_job();
    void *self = open_with(job, cases[i].axis);
    canon_plan plan = plan_of(&matrix);
    assert_int_equal(transform()->plan(job, self, &matrix, &plan), CANON_OK);
    assert_int_equal(plan.axis, cases[i].elements);
    assert_int_equal(plan.inner, cases[i].inner);
    transform()->close(job, self);
    support_job_free(job);
  }
}

/* The failure of a plan. */
static void assert_refused(const char *axis, const canon_tensor *in, int32_t code, const char *text) {
  canon_job *job = support_job();
  void *self = open_with(job, axis);
  canon_plan plan = plan_of(in);
  assert_int_equal(transform()->plan(job, self, in, &plan), code);
  assert_non_null(strstr(support_error(job), text));
  transform()->close(job, self);
  support_job_free(job);
}

static void a_tensor_without_the_axis_is_refused(void **state) {
  (void)state;
  canon_tensor scalar = {.dtype = CANON_F32, .rank = 0};
  assert_refused("3", &matrix, CANON_E_USAGE, "rank 3");
  assert_refused("-4", &matrix, CANON_E_USAGE, "rank 3");
  assert_refused("9223372036854775807", &matrix, CANON_E_USAGE, "rank 3");
  assert_refused("-9223372036854775808", &matrix, CANON_E_USAGE, "rank 3");
  assert_refused(NULL, &scalar, CANON_E_UNSUPPORTED, "rank 0");
}

static void a_dtype_without_a_norm_is_refused_by_name(void **state) {
  static const uint32_t dtypes[] = {CANON_BOOL, CANON_I64, CANON_U8, CANON_C64, CANON_F8_E8M0FNU, CANON_BITS8};
  (void)state;
  for (size_t i = 0; i < sizeof dtypes / sizeof dtypes[0]; i++) {
    canon_tensor in = {.dtype = dtypes[i], .rank = 1, .shape = {3}};
    assert_refused(NULL, &in, CANON_E_UNSUPPORTED, canon_dtype_name(dtypes[i]));
  }
}

static void an_unknown_variant_or_axis_is_a_usage_error(void **state) {
  (void)state;
  canon_job *job = support_job();
  void *self = NULL;
  assert_int_equal(transform()->open(job, support_instance(job, NULL), "fast", &self), CANON_E_USAGE);
  if (self) transform()->close(job, self);
  support_job_free(job);
  job = support_job();
  self = NULL;
  assert_int_equal(transform()->open(job, support_instance(job, "axis", "last", NULL), "ref", &self), CANON_E_USAGE);
  if (self) transform()->close(job, self);
  assert_int_equal(support_leaked(job), 0);
  support_job_free(job);
}

static void a_block_is_normalized_where_it_lies(void **state) {
  (void)state;
  canon_job *job = support_job();
  void *self = open_with(job, "0");
  float x[2][3] = {{3, 0, -0.0f}, {-4, 5, 0}}, want[2][3] = {{0.6f, 0, -0.0f}, {-0.8f, 1, 0}};
  canon_block block = {.struct_size = sizeof block,
                       .in_dtype = CANON_F32,
                       .out_dtype = CANON_F32,
                       .in = x,
                       .out = x,
                       .outer = 1,
                       .axis = 2,
                       .inner = 3};
  assert_int_equal(transform()->map(job, self, &block), CANON_OK);
  assert_memory_equal(x, want, sizeof x);
  transform()->close(job, self);
  assert_int_equal(support_leaked(job), 0);
  support_job_free(job);
}

static void no_memory_is_reported(void **state) {
  (void)state;
  canon_job *job = support_job();
  void *self = NULL;
  const canon_instance *instance = support_instance(job, NULL);
  support_fail_allocation(1);
  assert_int_equal(transform()->open(job, instance, "ref", &self), CANON_E_MEMORY);
  assert_true(support_fail_allocation(0));
  if (self) transform()->close(job, self);
  support_job_free(job);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_last_axis_is_the_default),
      cmocka_unit_test(an_axis_counts_from_the_front_or_the_back),
      cmocka_unit_test(a_tensor_without_the_axis_is_refused),
      cmocka_unit_test(a_dtype_without_a_norm_is_refused_by_name),
      cmocka_unit_test(an_unknown_variant_or_axis_is_a_usage_error),
      cmocka_unit_test(a_block_is_normalized_where_it_lies),
      cmocka_unit_test(no_memory_is_reported),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
