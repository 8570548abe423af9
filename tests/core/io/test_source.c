/* SPDX-License-Identifier: MIT
 * test_source.c: bytes to read, and what is refused instead. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/io/source.h"
#include "tests/support/support.h"

static char path[64];

static int setup(void **state) {
  (void)state;
  strcpy(path, "/tmp/canon-source-XXXXXX");
  int descriptor = mkstemp(path);
  if (descriptor < 0 || write(descriptor, "0123456789", 10) != 10) return 1;
  return close(descriptor);
}

static int teardown(void **state) {
  (void)state;
  return unlink(path);
}

static void a_file_gives_exactly_the_bytes_asked_for(void **state) {
  (void)state;
  canon_job *job = support_job();
  canon_source *source = NULL;
  char bytes[5] = "";
  assert_int_equal(source_open(job, path, &source), CANON_OK);
  assert_int_equal(source_size(source), 10);
  assert_int_equal(source_read(job, source, 3, bytes, 4), CANON_OK);
  assert_string_equal(bytes, "3456");
  assert_int_equal(source_read(job, source, 10, bytes, 0), CANON_OK);
  assert_int_equal(source_unchanged(job, source), CANON_OK);
  source_close(source);
  support_job_free(job);
}

static void bytes_past_the_end_are_malformed_and_say_both_numbers(void **state) {
  (void)state;
  static const uint64_t ranges[][2] = {{7, 4}, {11, 0}, {0, 11}, {UINT64_MAX, 1}, {1, UINT64_MAX}};
  for (size_t i = 0; i < 5; i++) {
    canon_job *job = support_job();
    canon_source *source = NULL;
    char bytes[16];
    assert_int_equal(source_open(job, path, &source), CANON_OK);
    assert_int_equal(source_read(job, source, ranges[i][0], bytes, ranges[i][1]), CANON_E_MALFORMED);
    assert_non_null(strstr(support_error(job), "the file has 10"));
    source_close(source);
    support_job_free(job);
  }
}

static void a_file_that_changes_is_noticed(void **state) {
  (void)state;
  canon_job *job = support_job();
  canon_source *source = NULL;
  assert_int_equal(source_open(job, path, &source), CANON_OK);
  assert_int_equal(truncate(path, 5), 0);
  char bytes[10];
  assert_int_equal(source_read(job, source, 0, bytes, 10), CANON_E_IO);
  support_job_free(job);
  job = support_job();
  assert_int_equal(source_unchanged(job, source), CANON_E_IO);
  source_close(source);
  support_job_free(job);
}

static void missing_files_are_refused(void **state) {
  (void)state;
  static const char *const names[] = {"/nowhere/at/all", ""};
  for (size_t i = 0; i < 2; i++) {
    canon_job *job = support_job();
    canon_source *source = NULL;
    assert_int_equal(source_open(job, names[i], &source), CANON_E_IO);
    assert_null(source);
    support_job_free(job);
  }
}

static void run(const char *format) {
  char command[400];
  snprintf(command, sizeof command, format, path, path, path);
  assert_int_equal(system(command), 0);
}

static void a_folder_lists_its_files_sorted_and_reads_them(void **state) {
  (void)state;
  static const char *const names[] = {"A", "b/c", "b/d/e", "link", "z"};
  run("mkdir -p %1$s.d/b/d; cd %1$s.d; printf 1 >z; printf 2 >A; printf 345 >b/c; printf 6 >b/d/e; ln -s A link");
  char folder[80], bytes[4] = "";
  snprintf(folder, sizeof folder, "%s.d/", path);
  canon_job *job = support_job();
  canon_source *source = NULL, *member = NULL;
  assert_int_equal(source_open(job, folder, &source), CANON_OK);
  assert_int_equal(source_members(source), 5);
  assert_int_equal(source_size(source), 1 + 3 + 1 + 1 + 1);
  for (uint64_t i = 0; i < 5; i++) assert_string_equal(source_member_name(source, i), names[i]);
  assert_int_equal(source_member(job, source, 1, &member), CANON_OK);
  assert_int_equal(source_size(member), 3);
  assert_int_equal(source_members(member), CANON_NONE);
  assert_int_equal(source_read(job, member, 1, bytes, 2), CANON_OK);
  assert_string_equal(bytes, "45");
  assert_int_equal(source_unchanged(job, source), CANON_OK);
  run("printf 999 >%1$s.d/b/c");
  assert_int_equal(source_read(job, member, 1, bytes, 2), CANON_E_IO);
  support_job_free(job);
  job = support_job();
  assert_int_equal(source_unchanged(job, source), CANON_E_IO);
  source_close(source);
  support_job_free(job);
  run("rm -rf %1$s.d");
}

static void a_folder_with_what_is_no_file_is_refused(void **state) {
  (void)state;
  static const char *const makers[] = {"mkfifo %1$s.d/x", "ln -s nowhere %1$s.d/x", "ln -s / %1$s.d/x",
                                       "ln -s /etc/passwd %1$s.d/x", "ln -s ../../bin/sh %1$s.d/x"};
  for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++) {
    char folder[80];
    run("mkdir %1$s.d");
    run(makers[i]);
    snprintf(folder, sizeof folder, "%s.d", path);
    canon_job *job = support_job();
    canon_source *source = NULL;
    assert_int_equal(source_open(job, folder, &source), CANON_E_UNSUPPORTED);
    assert_null(source);
    assert_non_null(strstr(support_error(job), "x is "));
    support_job_free(job);
    run("rm -rf %1$s.d");
  }
}

static void a_pipe_is_spooled_whole(void **state) {
  (void)state;
  char fifo[80], command[200];
  snprintf(fifo, sizeof fifo, "%s.fifo", path);
  assert_int_equal(mkfifo(fifo, 0600), 0);
  snprintf(command, sizeof command, "head -c 1000000 /dev/zero >%s &", fifo);
  assert_int_equal(system(command), 0);
  canon_job *job = support_job();
  canon_source *source = NULL;
  assert_int_equal(source_open(job, fifo, &source), CANON_OK);
  assert_int_equal(source_size(source), 1000000);
  source_close(source);
  support_job_free(job);
  unlink(fifo);
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      CASE(a_file_gives_exactly_the_bytes_asked_for),
      CASE(bytes_past_the_end_are_malformed_and_say_both_numbers),
      CASE(a_file_that_changes_is_noticed),
      CASE(missing_files_are_refused),
      CASE(a_folder_lists_its_files_sorted_and_reads_them),
      CASE(a_folder_with_what_is_no_file_is_refused),
      CASE(a_pipe_is_spooled_whole),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
