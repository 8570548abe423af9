/* SPDX-License-Identifier: MIT
 * test_convert.c: the library's conversions from end to end, and each of their allocations failing in turn. */
#include <canon/canon.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/support.h"

static char folder[64], in[128], out[128];
static canon_context *context;

static void write_npy(const char *path, const char *shape, const float *values, size_t n) {
  char header[129] = "\x93NUMPY\x01";
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  memset(header + 8, ' ', 120);
  header[7] = 0;
  header[8] = 118;
  header[9] = 0;
  char text[119];
  int length = snprintf(text, sizeof text, "{'descr': '<f4', 'fortran_order': False, 'shape': %s, }", shape);
  memcpy(header + 10, text, (size_t)length);
  header[127] = '\n';
  assert_int_equal(fwrite(header, 1, 128, file), 128);
  assert_int_equal(fwrite(values, sizeof *values, n, file), n);
  fclose(file);
}

static int setup(void **state) {
  (void)state;
  strcpy(folder, "/tmp/canon-convert-XXXXXX");
  if (!mkdtemp(folder)) return 1;
  snprintf(in, sizeof in, "%s/in.npy", folder);
  snprintf(out, sizeof out, "%s/out.npy", folder);
  static const float values[] = {3, 4, 0, 0, -0.0f, 5};
  write_npy(in, "(3, 2)", values, 6);
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

static int32_t convert(const char *from, const char *to, const canon_step *steps, uint64_t n, uint32_t flags) {
  const canon_conversion conversion = {.input = from, .output = to, .steps = steps, .n_steps = n, .flags = flags};
  return canon_convert(context, &conversion, NULL);
}

static const canon_step normalize = {.transform = "normalize", .variant = "ref"};

static void assert_output(const float *want, size_t n) {
  size_t size;
  uint8_t *bytes = support_slurp(out, &size);
  assert_int_equal(size, 128 + n * sizeof *want);
  assert_memory_equal(bytes + 128, want, n * sizeof *want);
  free(bytes);
}

static void a_conversion_normalizes_rows(void **state) {
  (void)state;
  static const float want[] = {0.6f, 0.8f, 0, 0, -0.0f, 1};
  assert_int_equal(convert(in, out, &normalize, 1, 0), CANON_OK);
  assert_output(want, 6);
}

static void an_option_binds_to_its_transform(void **state) {
  (void)state;
  static const canon_setting axis = {"axis", "0"};
  const canon_step step = {"normalize", "ref", &axis, 1};
  float want[6] = {1, 0, 0, 0, 0, 0};
  want[1] = 4 / 6.40312424f;
  want[4] = -0.0f;
  want[5] = 5 / 6.40312424f;
  assert_int_equal(convert(in, out, &step, 1, 0), CANON_OK);
  assert_output(want, 6);
}

static void a_report_tells_what_was_written(void **state) {
  (void)state;
  const canon_report *report;
  const canon_conversion conversion = {.input = in, .output = out};
  assert_int_equal(canon_convert(context, &conversion, &report), CANON_OK);
  assert_string_equal(report->from, "npy");
  assert_string_equal(report->to, "npy");
  assert_int_equal(report->tensors, 1);
  assert_int_equal(report->bytes_read, 24);
  assert_int_equal(report->bytes_written, 152);
}

static void assert_refused(int32_t got, int32_t code, const char *word) {
  assert_int_equal(got, code);
  const canon_error *error = canon_context_error(context);
  assert_int_equal(error->status, canon_status_of(code));
  if (!strstr(error->text, word)) fail_msg("\"%s\" lacks \"%s\"", error->text, word);
  assert_int_equal(access(out, F_OK), -1);
}

static void what_cannot_be_is_refused_by_name_before_any_output(void **state) {
  (void)state;
  const canon_step unknown = {.transform = "polish", .variant = "x"},
                   variant = {.transform = "normalize", .variant = "nearly"};
  static const canon_setting axis = {"axis", "7"}, other = {"nonesuch", "1"};
  const canon_step no_axis = {"normalize", "ref", &axis, 1}, no_option = {"normalize", "ref", &other, 1};
  assert_refused(convert(in, out, &unknown, 1, 0), CANON_E_USAGE, "polish");
  assert_refused(convert(in, out, &variant, 1, 0), CANON_E_USAGE, "nearly");
  assert_refused(convert(in, out, &no_axis, 1, 0), canon_context_error(context)->code, "7");
  assert_refused(convert(in, out, &no_option, 1, 0), CANON_E_USAGE, "--nonesuch");
  assert_refused(convert("/nowhere.npy", out, NULL, 0, 0), CANON_E_IO, "/nowhere.npy: cannot open");
  assert_refused(convert(in, "/nowhere/out.npy", NULL, 0, 0), CANON_E_IO, "/nowhere");
  assert_refused(convert(in, "/tmp/out.unknown", NULL, 0, 0), CANON_E_USAGE, "--to");
}

static void an_existing_output_stays_without_force(void **state) {
  (void)state;
  static const float old[] = {7};
  static const float want[] = {3, 4, 0, 0, -0.0f, 5};
  write_npy(out, "(1,)", old, 1);
  assert_int_equal(convert(in, out, NULL, 0, 0), CANON_E_IO);
  assert_output(old, 1);
  assert_int_equal(convert(in, out, NULL, 0, CANON_CONVERT_FORCE), CANON_OK);
  assert_output(want, 6);
}

static void a_file_may_be_converted_onto_itself(void **state) {
  (void)state;
  static const float want[] = {0.6f, 0.8f, 0, 0, -0.0f, 1};
  strcpy(out, in);
  assert_int_equal(convert(in, in, &normalize, 1, CANON_CONVERT_FORCE), CANON_OK);
  assert_output(want, 6);
}

static void a_truncated_input_leaves_the_old_output(void **state) {
  (void)state;
  static const float old[] = {7};
  write_npy(out, "(1,)", old, 1);
  assert_int_equal(truncate(in, 140), 0);
  assert_int_equal(convert(in, out, NULL, 0, CANON_CONVERT_FORCE), CANON_E_MALFORMED);
  assert_output(old, 1);
}

static int32_t stop_at_once(void *user, uint64_t done, uint64_t total) {
  (void)user;
  (void)done;
  (void)total;
  return 1;
}

static void a_stopped_conversion_leaves_nothing(void **state) {
  (void)state;
  const canon_listener listener = {.progress = stop_at_once};
  canon_context_listen(context, &listener);
  assert_refused(convert(in, out, &normalize, 1, 0), CANON_E_STOPPED, "stopped");
}

static void each_failing_allocation_is_a_clean_failure(void **state) {
  (void)state;
  for (uint64_t n = 1; n < 100000; n++) {
    unlink(out);
    support_fail_allocation(n);
    int32_t code = convert(in, out, &normalize, 1, 0);
    if (!support_fail_allocation(0)) {
      assert_int_equal(code, CANON_OK);
      return;
    }
    if (code == CANON_OK) continue; /* a cache, or one thread less */
    assert_int_equal(code, CANON_E_MEMORY);
    assert_non_null(strstr(canon_context_error(context)->text, "memory"));
    assert_int_equal(access(out, F_OK), -1);
  }
  fail_msg("the allocations never end");
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      CASE(a_conversion_normalizes_rows),
      CASE(an_option_binds_to_its_transform),
      CASE(a_report_tells_what_was_written),
      CASE(what_cannot_be_is_refused_by_name_before_any_output),
      CASE(an_existing_output_stays_without_force),
      CASE(a_file_may_be_converted_onto_itself),
      CASE(a_truncated_input_leaves_the_old_output),
      CASE(a_stopped_conversion_leaves_nothing),
      CASE(each_failing_allocation_is_a_clean_failure),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
