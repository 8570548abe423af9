/* SPDX-License-Identifier: MIT
 * The transform cast as the host drives it: spellings, plans, refusals, saturation; that blocks reach the numerics. */
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

static const canon_transform *transform(void) { return support_transform("cast"); }

static void *open_with(canon_job *job, const char *dtype, int saturate) {
  void *self = NULL;
  const canon_instance *instance = saturate ? support_instance(job, "saturate", "", NULL) : support_instance(job, NULL);
  assert_int_equal(transform()->open(job, instance, dtype, &self), CANON_OK);
  return self;
}

static int32_t plan_with(canon_job *job, void *self, uint32_t dtype, canon_plan *plan) {
  canon_tensor in = {.dtype = dtype, .rank = 2, .shape = {7, 3}};
  *plan = (canon_plan){.struct_size = sizeof *plan, .out = in, .axis = 1, .inner = 1};
  return transform()->plan(job, self, &in, plan);
}

static void every_listed_variant_opens_and_keeps_the_shape(void **state) {
  (void)state;
  for (uint64_t i = 0; i < transform()->n_variants; i++) {
    canon_job *job = support_job();
    void *self = open_with(job, transform()->variants[i].name, 0);
    canon_plan plan;
    assert_int_equal(plan_with(job, self, CANON_F32, &plan), CANON_OK);
    assert_string_equal(canon_dtype_name(plan.out.dtype), transform()->variants[i].name);
    assert_int_equal(plan.out.rank, 2);
    assert_int_equal(plan.out.shape[0], 7);
    assert_int_equal(plan.axis, 1);
    assert_int_equal(plan.guarantee, CANON_EXACT);
    transform()->close(job, self);
    assert_int_equal(support_leaked(job), 0);
    support_job_free(job);
  }
}

static void a_dtype_may_be_spelled_as_elsewhere(void **state) {
  static const char *const spellings[] = {"f16", "float16", "fp16", "half", "F16", "torch.float16"};
  (void)state;
  for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++) {
    canon_job *job = support_job();
    void *self = open_with(job, spellings[i], 0);
    canon_plan plan;
    assert_int_equal(plan_with(job, self, CANON_F32, &plan), CANON_OK);
    assert_int_equal(plan.out.dtype, CANON_F16);
    transform()->close(job, self);
    support_job_free(job);
  }
  assert_int_equal(transform()->n_shorthands, 1);
  assert_string_equal(transform()->shorthands[0].option, "half");
  assert_string_equal(transform()->shorthands[0].variant, "f16");
}

static void what_is_no_dtype_or_has_no_numbers_is_a_usage_error(void **state) {
  static const char *const texts[] = {"", "f17", "float", "bits8", "f4_e2m1fn_x2"};
  (void)state;
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    canon_job *job = support_job();
    void *self = NULL;
    assert_int_equal(transform()->open(job, support_instance(job, NULL), texts[i], &self), CANON_E_USAGE);
    if (self) transform()->close(job, self);
    support_job_free(job);
  }
}

static void tensors_without_a_real_value_are_refused_by_name(void **state) {
  static const uint32_t dtypes[] = {CANON_C64, CANON_BC32, CANON_BITS8, CANON_F4_E2M1FN_X2};
  (void)state;
  for (size_t i = 0; i < sizeof dtypes / sizeof dtypes[0]; i++) {
    canon_job *job = support_job();
    void *self = open_with(job, "f16", 0);
    canon_plan plan;
    assert_int_equal(plan_with(job, self, dtypes[i], &plan), CANON_E_UNSUPPORTED);
    assert_non_null(strstr(support_error(job), canon_dtype_name(dtypes[i])));
    transform()->close(job, self);
    support_job_free(job);
  }
}

/* Casts n elements; gives the status, and leaves the error in the job. */
static int32_t map(canon_job *job, const char *dtype, int saturate, uint32_t from, const void *in, uint32_t to,
                   void *out, uint64_t n) {
  void *self = open_with(job, dtype, saturate);
  const canon_cut whole = {
      .struct_size = sizeof whole, .in_dtype = from, .out_dtype = to, .outer = n, .axis = 1, .inner = 1};
  canon_block block = {
      .struct_size = sizeof block, .whole = &whole, .in = in, .out = out, .outer = n, .axis = 1, .inner = 1};
  int32_t status = transform()->map(job, self, &block);
  transform()->close(job, self);
  return status;
}

static void a_block_is_cast(void **state) {
  (void)state;
  canon_job *job = support_job();
  float x[] = {1, -0.0f, 65504, 65520, 0x1p-24f, 0x1p-26f};
  uint16_t y[6], want[] = {0x3C00, 0x8000, 0x7BFF, 0x7C00, 0x0001, 0x0000};
  assert_int_equal(map(job, "half", 0, CANON_F32, x, CANON_F16, y, 6), CANON_OK);
  assert_memory_equal(y, want, sizeof y);
  assert_int_equal(map(job, "half", 1, CANON_F32, x, CANON_F16, y, 6), CANON_OK);
  assert_int_equal(y[3], 0x7BFF);
  support_job_free(job);
}

static void an_element_that_does_not_fit_is_named_with_its_value(void **state) {
  (void)state;
  double x[] = {1, -2.5, 300, (double)NAN};
  int64_t wide[] = {5, -9007199254740993};
  uint64_t largest = UINT64_MAX;
  uint8_t y[4];
  canon_job *job = support_job();
  assert_int_equal(map(job, "i8", 0, CANON_F64, x, CANON_I8, y, 4), CANON_E_UNSUPPORTED);
  assert_non_null(strstr(support_error(job), "element 2"));
  assert_non_null(strstr(support_error(job), "300, which i8 cannot hold"));
  support_job_free(job);
  job = support_job();
  assert_int_equal(map(job, "u8", 0, CANON_I64, wide, CANON_U8, y, 2), CANON_E_UNSUPPORTED);
  assert_non_null(strstr(support_error(job), "element 1"));
  assert_non_null(strstr(support_error(job), "-9007199254740993"));
  support_job_free(job);
  job = support_job();
  assert_int_equal(map(job, "u8", 0, CANON_U64, &largest, CANON_U8, y, 1), CANON_E_UNSUPPORTED);
  assert_non_null(strstr(support_error(job), "18446744073709551615"));
  support_job_free(job);
  job = support_job();
  assert_int_equal(map(job, "i8", 1, CANON_F64, x, CANON_I8, y, 4), CANON_OK);
  assert_int_equal((int8_t)y[1], -2);
  assert_int_equal(y[2], 127);
  assert_int_equal(y[3], 0);
  support_job_free(job);
}

static void no_memory_is_reported(void **state) {
  (void)state;
  canon_job *job = support_job();
  void *self = NULL;
  const canon_instance *instance = support_instance(job, NULL);
  support_fail_allocation(1);
  assert_int_equal(transform()->open(job, instance, "f16", &self), CANON_E_MEMORY);
  assert_true(support_fail_allocation(0));
  if (self) transform()->close(job, self);
  support_job_free(job);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_listed_variant_opens_and_keeps_the_shape),
      cmocka_unit_test(a_dtype_may_be_spelled_as_elsewhere),
      cmocka_unit_test(what_is_no_dtype_or_has_no_numbers_is_a_usage_error),
      cmocka_unit_test(tensors_without_a_real_value_are_refused_by_name),
      cmocka_unit_test(a_block_is_cast),
      cmocka_unit_test(an_element_that_does_not_fit_is_named_with_its_value),
      cmocka_unit_test(no_memory_is_reported),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
