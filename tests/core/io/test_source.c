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

static void folders_missing_files_and_terminals_are_refused(void **state) {
  (void)state;
  static const char *const names[] = {"/tmp", "/nowhere/at/all", ""};
  for (size_t i = 0; i < 3; i++) {
    canon_job *job = support_job();
    canon_source *source = NULL;
    assert_int_equal(source_open(job, names[i], &source), CANON_E_IO);
    assert_null(source);
    support_job_free(job);
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
      CASE(folders_missing_files_and_terminals_are_refused),
      CASE(a_pipe_is_spooled_whole),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
