/* SPDX-License-Identifier: MIT
 * test_instance.c: options as a plugin sees them. */
#include "core/host/instance.h"

#include <string.h>

#include "tests/support/support.h"

static const canon_option options[] = {
    {"axis", "N", "the axis", CANON_OPTION_INTEGER, 0},
    {"name", "TEXT", "a name", CANON_OPTION_TEXT, 0},
    {"fast", NULL, "a flag", CANON_OPTION_FLAG, 0},
};

static int32_t make(canon_job *job, const canon_setting *settings, uint64_t n, int strict, canon_instance **instance) {
  return instance_new(job, "thing", options, 3, sizeof *options, settings, n, strict, instance);
}

static void options_come_as_text_and_as_integers(void **state) {
  (void)state;
  canon_job *job = support_job();
  canon_instance *instance;
  const canon_setting settings[] = {{"axis", "-2"}, {"name", "x"}, {"fast", ""}, {"name", "y"}};
  assert_int_equal(make(job, settings, 4, 1, &instance), CANON_OK);
  assert_int_equal(job->host->param(job, instance, "axis")->integer, -2);
  assert_string_equal(job->host->param(job, instance, "name")->text, "y");
  assert_int_equal(job->host->param(job, instance, "name")->is_integer, 0);
  assert_int_equal(job->host->param(job, instance, "fast")->integer, 1);
  assert_null(job->host->param(job, instance, "other"));
  instance_free(instance);
  support_job_free(job);
}

static void what_is_no_whole_number_is_refused_where_one_is_asked_for(void **state) {
  (void)state;
  static const char *const wrong[] = {"", "x", "1.5", "1 ", " 1", "99999999999999999999", "0x10"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    canon_job *job = support_job();
    canon_instance *instance;
    const canon_setting setting = {"axis", wrong[i]};
    assert_int_equal(make(job, &setting, 1, 1, &instance), CANON_E_USAGE);
    assert_null(instance);
    support_job_free(job);
  }
}

static void an_unknown_option_is_refused_or_left_to_others(void **state) {
  (void)state;
  canon_job *job = support_job();
  canon_instance *instance;
  const canon_setting setting = {"other", "1"};
  assert_int_equal(make(job, &setting, 1, 0, &instance), CANON_OK);
  instance_free(instance);
  assert_int_equal(make(job, &setting, 1, 1, &instance), CANON_E_USAGE);
  assert_non_null(strstr(support_error(job), "thing has no option --other"));
  support_job_free(job);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(options_come_as_text_and_as_integers),
      cmocka_unit_test(what_is_no_whole_number_is_refused_where_one_is_asked_for),
      cmocka_unit_test(an_unknown_option_is_refused_or_left_to_others),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
