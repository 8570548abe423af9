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
  const canon_cut whole = {
      .struct_size = sizeof whole, .in_dtype = CANON_F32, .out_dtype = CANON_F32, .outer = 1, .axis = 2, .inner = 3};
  canon_block block = {
      .struct_size = sizeof block, .whole = &whole, .in = x, .out = x, .outer = 1, .axis = 2, .inner = 3};
  assert_int_equal(transform()->map(job, self, &block), CANON_OK);
  assert_memory_equal(x, want, sizeof x);
  transform()->close(job, self);
  assert_int_equal(support_leaked(job), 0);
  support_job_free(job);
}

static void *open_variant(canon_job *job, const char *variant) {
  void *self = NULL;
  assert_int_equal(transform()->open(job, support_instance(job, NULL), variant, &self), CANON_OK);
  return self;
}

static void a_torch_has_a_written_down_order(void **state) {
  static const char *const names[] = {"torch-1.13", "torch-2.7.1", "torch-2.15/default", "torch-2.8/avx512/threads=2"};
  (void)state;
  for (int i = 0; i < 4; i++) {
    canon_job *job = support_job();
    void *self = open_variant(job, names[i]);
    canon_plan plan = plan_of(&matrix);
    assert_int_equal(transform()->plan(job, self, &matrix, &plan), CANON_OK);
    assert_int_equal(plan.guarantee, CANON_FIXED);
    assert_int_equal(plan.axis, 5);
    transform()->close(job, self);
    assert_int_equal(support_leaked(job), 0);
    support_job_free(job);
  }
}

static void every_variant_that_is_listed_opens(void **state) {
  (void)state;
  for (uint64_t i = 0; i < transform()->n_variants; i++) {
    canon_job *job = support_job();
    transform()->close(job, open_variant(job, transform()->variants[i].name));
    support_job_free(job);
  }
}

static void a_torch_that_is_not_known_is_refused_by_name(void **state) {
  static const char *const refused[][2] = {{"torch-1.12", "1.13 to 2.15"},  {"torch-2.16.0", "1.13 to 2.15"},
                                           {"torch", "1.13 to 2.15"},       {"torch-2.8/avx", "/avx2"},
                                           {"torch-2.0/avx512", "AVX-512"}, {"torch-2.8/threads=0", "1 to 1024"}};
  (void)state;
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
    canon_job *job = support_job();
    void *self = NULL;
    assert_int_equal(transform()->open(job, support_instance(job, NULL), refused[i][0], &self), CANON_E_USAGE);
    assert_non_null(strstr(support_error(job), refused[i][0]));
    assert_non_null(strstr(support_error(job), refused[i][1]));
    if (self) transform()->close(job, self);
    support_job_free(job);
  }
}

static void a_dtype_that_a_torch_refuses_is_refused_by_both_names(void **state) {
  static const struct {
    const char *variant;
    uint32_t dtype;
    const char *text;
  } refused[] = {{"torch-2.0.1", CANON_F16, "torch 2.0 does not normalize f16"},
                 {"torch-1.13/default", CANON_F16, "torch 1.13 does not normalize f16"},
                 {"torch-2.15", CANON_F8_E4M3FN, "torch 2.15 does not normalize f8_e4m3fn"},
                 {"torch-2.8", CANON_C64, "no rule for c64"}};
  (void)state;
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
    canon_job *job = support_job();
    void *self = open_variant(job, refused[i].variant);
    const canon_tensor in = {.dtype = refused[i].dtype, .rank = 1, .shape = {3}};
    canon_plan plan = plan_of(&in);
    assert_int_equal(transform()->plan(job, self, &in, &plan), CANON_E_UNSUPPORTED);
    assert_non_null(strstr(support_error(job), refused[i].text));
    transform()->close(job, self);
    support_job_free(job);
  }
}

/* The norm of one column, whole among its neighbours or alone: torch goes about a dense vector otherwise. */
static void a_block_is_normalized_as_a_part_of_its_tensor(void **state) {
  enum { AXIS = 100 };
  (void)state;
  canon_job *job = support_job();
  void *self = open_variant(job, "torch-2.8");
  float alone[AXIS], part[AXIS];
  const canon_cut vector = {.struct_size = sizeof vector,
                            .in_dtype = CANON_F32,
                            .out_dtype = CANON_F32,
                            .outer = 1,
                            .axis = AXIS,
                            .inner = 1};
  canon_cut tensor = vector;
  canon_block block = {.struct_size = sizeof block, .outer = 1, .axis = AXIS, .inner = 1};
  for (int i = 0; i < AXIS; i++) alone[i] = part[i] = 1.0f / (float)(11 * i + 1);
  tensor.inner = 7;
  block.whole = &vector, block.in = block.out = alone;
  assert_int_equal(transform()->map(job, self, &block), CANON_OK);
  block.whole = &tensor, block.in = block.out = part, block.first_inner = 3;
  assert_int_equal(transform()->map(job, self, &block), CANON_OK);
  assert_memory_not_equal(alone, part, sizeof alone);
  transform()->close(job, self);
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
      cmocka_unit_test(a_torch_has_a_written_down_order),
      cmocka_unit_test(every_variant_that_is_listed_opens),
      cmocka_unit_test(a_torch_that_is_not_known_is_refused_by_name),
      cmocka_unit_test(a_dtype_that_a_torch_refuses_is_refused_by_both_names),
      cmocka_unit_test(a_block_is_normalized_as_a_part_of_its_tensor),
      cmocka_unit_test(no_memory_is_reported),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
