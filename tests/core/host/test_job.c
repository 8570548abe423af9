/* SPDX-License-Identifier: MIT
 * test_job.c: failures, memory, counts and threads as a plugin meets them. */
#include <fenv.h>
#include <stdatomic.h>
#include <string.h>

#include <canon/crc32.h>

#include "core/base/crc32_fold.h"
#include "core/host/job.h"
#include "tests/support/support.h"

static void a_failure_puts_the_byte_before_the_advice(void **state) {
  (void)state;
  canon_job *job = support_job();
  assert_int_equal(canon_fail(job, CANON_E_MALFORMED, 17, "%d is not %d; get it again", 1, 2), CANON_E_MALFORMED);
  assert_string_equal(support_error(job), "test: 1 is not 2 (byte 17); get it again");
  assert_int_equal(canon_failed(job), CANON_E_MALFORMED);
  support_job_free(job);
}

static void the_first_failure_of_a_job_counts(void **state) {
  (void)state;
  canon_job *job = support_job();
  canon_fail(job, CANON_E_USAGE, CANON_NONE, "first");
  assert_int_equal(canon_fail(job, CANON_E_IO, CANON_NONE, "second"), CANON_E_USAGE);
  assert_string_equal(support_error(job), "test: first");
  support_job_free(job);
}

static void what_a_plugin_does_not_advise_the_host_does(void **state) {
  (void)state;
  canon_job *job = support_job();
  canon_fail(job, CANON_E_MALFORMED, 7, "2 is not 3");
  assert_string_equal(support_error(job),
                      "test: 2 is not 3 (byte 7); the file contradicts itself: get it again, or write it again");
  support_job_free(job);
}

static void control_characters_of_a_file_do_not_reach_the_terminal(void **state) {
  (void)state;
  canon_job *job = support_job();
  canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE, "name \x1b[31m\n");
  assert_string_equal(support_error(job), "test: name \\x1b[31m\\x0a");
  support_job_free(job);
}

static void memory_is_zero_aligned_and_kept_when_grown(void **state) {
  (void)state;
  canon_job *job = support_job();
  uint8_t *bytes = canon_alloc(job, 100);
  assert_non_null(bytes);
  assert_int_equal((uintptr_t)bytes % 64, 0);
  for (int i = 0; i < 100; i++) assert_int_equal(bytes[i], 0);
  memset(bytes, 7, 100);
  bytes = canon_resize(job, bytes, 1000);
  assert_int_equal(bytes[99], 7);
  assert_int_equal(bytes[100], 0);
  assert_int_equal(support_leaked(job), 1000);
  canon_free(job, bytes);
  canon_free(job, NULL);
  assert_int_equal(support_leaked(job), 0);
  support_job_free(job);
}

static void memory_beyond_the_budget_is_a_limit(void **state) {
  (void)state;
  canon_job *job = support_job();
  job_budget(job_of(job), 1000);
  void *first = canon_alloc(job, 600);
  assert_non_null(first);
  assert_null(canon_alloc(job, 600));
  assert_int_equal(canon_failed(job), CANON_E_LIMIT);
  canon_free(job, first);
  support_job_free(job);
}

static void a_failing_allocation_is_recorded(void **state) {
  (void)state;
  canon_job *job = support_job();
  support_fail_allocation(1);
  assert_null(canon_alloc(job, 10));
  assert_true(support_fail_allocation(0));
  assert_int_equal(canon_failed(job), CANON_E_MEMORY);
  support_job_free(job);
}

static void counts_of_one_name_add_up(void **state) {
  (void)state;
  canon_job *job = support_job();
  const canon_count *counts;
  job->host->count(job, "a", 2);
  job->host->count(job, "b", 1);
  job->host->count(job, "a", 3);
  job->host->count(job, "c", 0);
  assert_int_equal(job_counts(job_of(job), &counts), 2);
  assert_string_equal(counts[0].what, "a");
  assert_int_equal(counts[0].n, 5);
  support_job_free(job);
}

static int32_t mark(canon_job *job, void *ctx, uint64_t i) {
  _Atomic int *marks = ctx;
  (void)job;
  atomic_fetch_add(&marks[i], 1);
  return CANON_OK;
}

static void parallel_runs_every_index_once(void **state) {
  (void)state;
  enum { N = 10000 };
  static _Atomic int marks[N];
  canon_job *job = support_job();
  assert_int_equal(job->host->parallel(job, N, mark, marks), CANON_OK);
  for (int i = 0; i < N; i++) assert_int_equal(marks[i], 1);
  support_job_free(job);
}

static int32_t fail_from_37(canon_job *job, void *ctx, uint64_t i) {
  (void)ctx;
  return i >= 37 ? canon_fail(job, CANON_E_MALFORMED, i, "no; try again") : CANON_OK;
}

static void parallel_reports_the_lowest_failure_whatever_the_threads_do(void **state) {
  (void)state;
  for (int tries = 0; tries < 100; tries++) {
    canon_job *job = support_job();
    assert_int_equal(job->host->parallel(job, 1000, fail_from_37, NULL), CANON_E_MALFORMED);
    assert_string_equal(support_error(job), "test: no (byte 37); try again");
    support_job_free(job);
  }
}

static int32_t nested(canon_job *job, void *ctx, uint64_t i) {
  (void)i;
  return job->host->parallel(job, 10, mark, ctx);
}

static void parallel_inside_parallel_works(void **state) {
  (void)state;
  static _Atomic int marks[10];
  canon_job *job = support_job();
  assert_int_equal(job->host->parallel(job, 50, nested, marks), CANON_OK);
  for (int i = 0; i < 10; i++) assert_int_equal(marks[i], 50);
  support_job_free(job);
}

static void a_plugin_that_fails_without_a_word_is_named(void **state) {
  (void)state;
  canon_job *job = support_job();
  job_plugin(job_of(job), "org.example.silent");
  assert_int_equal(job_checked(job_of(job), CANON_E_MALFORMED), CANON_E_PLUGIN);
  assert_non_null(strstr(support_error(job), "org.example.silent"));
  support_job_free(job);
  job = support_job();
  assert_int_equal(job_checked(job_of(job), 42), CANON_E_PLUGIN);
  support_job_free(job);
}

static void a_plugin_that_fails_and_returns_ok_has_failed(void **state) {
  (void)state;
  canon_job *job = support_job();
  canon_fail(job, CANON_E_LIMIT, CANON_NONE, "too much");
  assert_int_equal(job_checked(job_of(job), CANON_OK), CANON_E_LIMIT);
  support_job_free(job);
}

static void a_plugin_that_changes_the_rounding_mode_is_caught_and_mended(void **state) {
  (void)state;
  canon_job *job = support_job();
  fesetround(FE_UPWARD);
  assert_int_equal(job_checked(job_of(job), CANON_OK), CANON_E_PLUGIN);
  assert_int_equal(fegetround(), FE_TONEAREST);
  support_job_free(job);
}

static void scratch_is_written_and_read_back(void **state) {
  (void)state;
  canon_job *job = support_job();
  canon_sink *sink;
  canon_source *source;
  char bytes[6] = "";
  assert_int_equal(job->host->scratch(job, &sink, &source), CANON_OK);
  assert_int_equal(job->host->sink_write(job, sink, 2, "hello", 5), CANON_OK);
  assert_int_equal(job->host->source_size(job, source), 7);
  assert_int_equal(job->host->source_read(job, source, 2, bytes, 5), CANON_OK);
  assert_string_equal(bytes, "hello");
  support_job_free(job);
}

static void a_crc32_is_served_where_the_cpu_has_instructions_for_it(void **state) {
  (void)state;
  canon_job *job = support_job();
  const canon_crc32 *service = canon_crc32_query(job);
  assert_int_equal(service != NULL, crc32_kernel(0) != NULL);
  if (service) {
    uint32_t first = service->update(0, "12345", 5), second = service->update(0, "6789", 4);
    assert_int_equal(service->update(first, "6789", 4), 0xcbf43926);
    assert_int_equal(service->join(first, second, 4), 0xcbf43926);
  }
  assert_null(job->host->query(job, "canon.crc32/0"));
  support_job_free(job);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_failure_puts_the_byte_before_the_advice),
      cmocka_unit_test(the_first_failure_of_a_job_counts),
      cmocka_unit_test(what_a_plugin_does_not_advise_the_host_does),
      cmocka_unit_test(control_characters_of_a_file_do_not_reach_the_terminal),
      cmocka_unit_test(memory_is_zero_aligned_and_kept_when_grown),
      cmocka_unit_test(memory_beyond_the_budget_is_a_limit),
      cmocka_unit_test(a_failing_allocation_is_recorded),
      cmocka_unit_test(counts_of_one_name_add_up),
      cmocka_unit_test(parallel_runs_every_index_once),
      cmocka_unit_test(parallel_reports_the_lowest_failure_whatever_the_threads_do),
      cmocka_unit_test(parallel_inside_parallel_works),
      cmocka_unit_test(a_plugin_that_fails_without_a_word_is_named),
      cmocka_unit_test(a_plugin_that_fails_and_returns_ok_has_failed),
      cmocka_unit_test(a_plugin_that_changes_the_rounding_mode_is_caught_and_mended),
      cmocka_unit_test(scratch_is_written_and_read_back),
      cmocka_unit_test(a_crc32_is_served_where_the_cpu_has_instructions_for_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
