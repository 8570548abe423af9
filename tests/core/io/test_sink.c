/* SPDX-License-Identifier: MIT
 * test_sink.c: an output exists complete or not at all. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/io/sink.h"
#include "tests/support/support.h"

static char folder[64];
static char path[128];

static int setup(void **state) {
  (void)state;
  strcpy(folder, "/tmp/canon-sink-XXXXXX");
  if (!mkdtemp(folder)) return 1;
  snprintf(path, sizeof path, "%s/out", folder);
  return 0;
}

static int teardown(void **state) {
  (void)state;
  char command[128];
  snprintf(command, sizeof command, "rm -rf %s", folder);
  return system(command) != 0;
}

static void put(const char *text) {
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
}

static void assert_holds(const char *text) {
  size_t size;
  uint8_t *bytes = support_slurp(path, &size);
  assert_int_equal(size, strlen(text));
  assert_memory_equal(bytes, text, size);
  free(bytes);
}

static int files_in_folder(void) {
  char command[128], line[32] = "";
  snprintf(command, sizeof command, "ls -A %s | wc -l", folder);
  FILE *pipe = popen(command, "r");
  assert_non_null(pipe);
  assert_non_null(fgets(line, sizeof line, pipe));
  pclose(pipe);
  return atoi(line);
}

static void a_committed_sink_has_its_bytes_in_any_order_of_writes(void **state) {
  (void)state;
  canon_job *job = support_job();
  canon_sink *sink = NULL;
  assert_int_equal(sink_create(job, path, 0, &sink), CANON_OK);
  assert_int_equal(sink_write(job, sink, 4, "efgh", 4), CANON_OK);
  assert_int_equal(sink_write(job, sink, 0, "abcd", 4), CANON_OK);
  assert_int_equal(sink_commit(job, sink), CANON_OK);
  sink_close(sink);
  assert_holds("abcdefgh");
  assert_int_equal(files_in_folder(), 1);
  support_job_free(job);
}

static void before_commit_there_is_no_output_and_after_abandon_nothing_is_left(void **state) {
  (void)state;
  canon_job *job = support_job();
  canon_sink *sink = NULL;
  assert_int_equal(sink_create(job, path, 0, &sink), CANON_OK);
  assert_int_equal(sink_write(job, sink, 0, "abcd", 4), CANON_OK);
  assert_int_equal(access(path, F_OK), -1);
  sink_close(sink);
  assert_int_equal(files_in_folder(), 0);
  support_job_free(job);
}

static void an_existing_output_is_refused_without_force(void **state) {
  (void)state;
  put("old");
  canon_job *job = support_job();
  canon_sink *sink = NULL;
  assert_int_equal(sink_create(job, path, 0, &sink), CANON_E_IO);
  assert_null(sink);
  assert_non_null(strstr(support_error(job), "--force"));
  assert_holds("old");
  support_job_free(job);
}

static void force_replaces_at_commit_and_keeps_the_mode(void **state) {
  (void)state;
  put("old");
  assert_int_equal(chmod(path, 0640), 0);
  canon_job *job = support_job();
  canon_sink *sink = NULL;
  assert_int_equal(sink_create(job, path, 1, &sink), CANON_OK);
  assert_int_equal(sink_write(job, sink, 0, "new", 3), CANON_OK);
  assert_holds("old");
  assert_int_equal(sink_commit(job, sink), CANON_OK);
  sink_close(sink);
  assert_holds("new");
  struct stat about;
  assert_int_equal(stat(path, &about), 0);
  assert_int_equal(about.st_mode & 0777, 0640);
  assert_int_equal(files_in_folder(), 1);
  support_job_free(job);
}

static void a_file_that_turns_up_before_commit_is_not_replaced(void **state) {
  (void)state;
  canon_job *job = support_job();
  canon_sink *sink = NULL;
  assert_int_equal(sink_create(job, path, 0, &sink), CANON_OK);
  assert_int_equal(sink_write(job, sink, 0, "new", 3), CANON_OK);
  put("somebody's");
  assert_int_equal(sink_commit(job, sink), CANON_E_IO);
  sink_close(sink);
  assert_holds("somebody's");
  assert_int_equal(files_in_folder(), 1);
  support_job_free(job);
}

static void a_symbolic_link_is_written_through(void **state) {
  (void)state;
  char link[140];
  put("old");
  snprintf(link, sizeof link, "%s/link", folder);
  assert_int_equal(symlink("out", link), 0);
  canon_job *job = support_job();
  canon_sink *sink = NULL;
  assert_int_equal(sink_create(job, link, 1, &sink), CANON_OK);
  assert_int_equal(sink_write(job, sink, 0, "new", 3), CANON_OK);
  assert_int_equal(sink_commit(job, sink), CANON_OK);
  sink_close(sink);
  assert_holds("new");
  struct stat about;
  assert_int_equal(lstat(link, &about), 0);
  assert_true(S_ISLNK(about.st_mode));
  support_job_free(job);
}

static void a_symbolic_link_to_nothing_is_refused(void **state) {
  (void)state;
  char link[140];
  snprintf(link, sizeof link, "%s/dangling", folder);
  assert_int_equal(symlink("nothing", link), 0);
  canon_job *job = support_job();
  canon_sink *sink = NULL;
  assert_int_equal(sink_create(job, link, 1, &sink), CANON_E_IO);
  assert_non_null(strstr(support_error(job), "symbolic link to nothing"));
  support_job_free(job);
  unlink(link);
}

static void a_full_device_is_a_failure_at_commit(void **state) {
  (void)state;
  canon_job *job = support_job();
  canon_sink *sink = NULL;
  assert_int_equal(sink_create(job, "/dev/full", 0, &sink), CANON_OK);
  assert_int_equal(sink_write(job, sink, 0, "abcd", 4), CANON_OK);
  assert_int_equal(sink_commit(job, sink), CANON_E_IO);
  sink_close(sink);
  support_job_free(job);
}

static void a_folder_and_a_missing_folder_are_refused(void **state) {
  (void)state;
  canon_job *job = support_job();
  canon_sink *sink = NULL;
  assert_int_equal(sink_create(job, folder, 1, &sink), CANON_E_IO);
  support_job_free(job);
  job = support_job();
  assert_int_equal(sink_create(job, "/nowhere/at/all", 1, &sink), CANON_E_IO);
  assert_non_null(strstr(support_error(job), "/nowhere/at"));
  support_job_free(job);
}

static void memory_grows_and_is_cut(void **state) {
  (void)state;
  canon_job *job = support_job();
  canon_sink *sink = support_sink(job);
  size_t size;
  assert_int_equal(sink_write(job, sink, 100000, "x", 1), CANON_OK);
  assert_int_equal(support_bytes(sink, &size)[99999], 0);
  assert_int_equal(size, 100001);
  assert_int_equal(sink_truncate(job, sink, 3), CANON_OK);
  assert_int_equal(sink_truncate(job, sink, 200000), CANON_OK);
  assert_int_equal(support_bytes(sink, &size)[100000], 0);
  assert_int_equal(size, 200000);
  support_job_free(job);
}

static int32_t make_folder(canon_job *job, int force, const char *name) {
  canon_sink *sink = NULL, *member = NULL;
  int32_t code = sink_create_folder(job, path, force, &sink);
  if (!code) code = sink_member(job, sink, name, &member);
  if (!code) code = sink_write(job, member, 2, "cd", 2);
  if (!code) code = sink_write(job, member, 0, "ab", 2);
  if (!code) assert_int_equal(sink_length(sink), 4);
  if (!code) code = sink_commit(job, sink);
  sink_close(sink);
  return code;
}

static void assert_member(const char *name, const char *text) {
  char member[256], kept[sizeof path];
  memcpy(kept, path, sizeof kept);
  snprintf(member, sizeof member, "%s/%s", kept, name);
  snprintf(path, sizeof path, "%.*s", (int)sizeof path - 1, member);
  assert_holds(text);
  memcpy(path, kept, sizeof kept);
}

static void a_folder_appears_whole_at_commit(void **state) {
  (void)state;
  canon_job *job = support_job();
  assert_int_equal(make_folder(job, 0, "a/b/c"), CANON_OK);
  assert_member("a/b/c", "abcd");
  assert_int_equal(files_in_folder(), 1);
  support_job_free(job);
}

static void an_old_folder_is_exchanged_only_with_force_and_if_nothing_of_it_is_lost(void **state) {
  (void)state;
  canon_job *job = support_job();
  assert_int_equal(make_folder(job, 0, "x"), CANON_OK);
  assert_int_equal(make_folder(job, 1, "x"), CANON_OK);
  assert_int_equal(make_folder(job, 1, "y"), CANON_E_IO);
  assert_non_null(strstr(support_error(job), "holds x"));
  support_job_free(job);
  job = support_job();
  assert_int_equal(make_folder(job, 0, "x"), CANON_E_IO);
  assert_member("x", "abcd");
  assert_int_equal(files_in_folder(), 1);
  support_job_free(job);
}

static void names_that_lead_out_of_a_folder_are_unsafe(void **state) {
  (void)state;
  static const char *const names[] = {"..", "../x", "a/../x", "/x", "a//b", "a/", "", ".", "a/./b"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    canon_job *job = support_job();
    assert_int_equal(make_folder(job, 0, names[i]), CANON_E_UNSAFE);
    assert_int_equal(files_in_folder(), 0);
    support_job_free(job);
  }
}

static void each_failing_allocation_fails_cleanly(void **state) {
  (void)state;
  for (uint64_t n = 1;; n++) {
    canon_job *job = support_job();
    canon_sink *sink = NULL;
    support_fail_allocation(n);
    int32_t code = sink_create(job, path, 1, &sink);
    if (!code) code = sink_write(job, sink, 0, "new", 3);
    if (!code) code = sink_commit(job, sink);
    int reached = support_fail_allocation(0);
    sink_close(sink);
    support_job_free(job);
    if (!reached) {
      assert_int_equal(code, CANON_OK);
      break;
    }
    assert_true(code == CANON_E_MEMORY || code == CANON_OK);
    assert_in_range(files_in_folder(), 0, 1);
  }
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      CASE(a_committed_sink_has_its_bytes_in_any_order_of_writes),
      CASE(before_commit_there_is_no_output_and_after_abandon_nothing_is_left),
      CASE(an_existing_output_is_refused_without_force),
      CASE(force_replaces_at_commit_and_keeps_the_mode),
      CASE(a_file_that_turns_up_before_commit_is_not_replaced),
      CASE(a_symbolic_link_is_written_through),
      CASE(a_symbolic_link_to_nothing_is_refused),
      CASE(a_full_device_is_a_failure_at_commit),
      CASE(a_folder_and_a_missing_folder_are_refused),
      CASE(memory_grows_and_is_cut),
      CASE(a_folder_appears_whole_at_commit),
      CASE(an_old_folder_is_exchanged_only_with_force_and_if_nothing_of_it_is_lost),
      CASE(names_that_lead_out_of_a_folder_are_unsafe),
      CASE(each_failing_allocation_fails_cleanly),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
