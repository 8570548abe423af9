/* SPDX-License-Identifier: MIT
 * test_writer.c: an index that cannot be written leaves nothing, and damage anywhere in one that is read is no crash.
 */
#include <dirent.h>

#include "tests/formats/colbert/index_folder.h"

static int32_t convert(canon_context *context, const canon_setting *settings, uint64_t n_settings) {
  char from[80], to[80];
  snprintf(from, sizeof from, "%s/index", folder);
  snprintf(to, sizeof to, "%s/out", folder);
  const canon_conversion conversion = {
      .input = from, .output = to, .to = "colbert", .settings = settings, .n_settings = n_settings};
  return canon_convert(context, &conversion, NULL);
}

static int files_beside_the_index(void) {
  DIR *open = opendir(folder);
  assert_non_null(open);
  int n = 0;
  for (struct dirent *entry; (entry = readdir(open));)
    n += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") && strcmp(entry->d_name, "index");
  closedir(open);
  return n;
}

static void fail_every_allocation(const canon_setting *settings, uint64_t n_settings) {
  uint64_t n = 1;
  for (int reached = 1; reached; n++) {
    canon_context *context = new_context();
    support_fail_allocation(n);
    int32_t code = convert(context, settings, n_settings);
    reached = support_fail_allocation(0);
    /* whoever has another way to go on may */
    if (code && (!reached || code != CANON_E_MEMORY))
      fail_msg("allocation %d: %s", (int)n, canon_context_error(context)->text);
    if (files_beside_the_index() != (code ? 0 : 1)) fail_msg("allocation %d failed and left something", (int)n);
    if (!code && reached) shell("rm -r %s/out", folder);
    canon_context_free(context);
  }
  assert_true(n > 300);
  assert_int_equal(files_beside_the_index(), 1);
}

static void a_failed_allocation_leaves_no_output(void **state) {
  (void)state;
  copy_index("small");
  put_text("collection.json", "[]");
  fail_every_allocation(NULL, 0);
}

static void nor_does_one_on_the_way_from_an_archive(void **state) {
  static const canon_setting FLATTEN = {"flatten", ""};
  char from[80], to[80];
  (void)state;
  copy_index("small");
  snprintf(from, sizeof from, "%s/index", folder);
  snprintf(to, sizeof to, "%s/flat.npz", folder);
  canon_context *context = new_context();
  assert_int_equal(
      canon_convert(context, &(canon_conversion){.input = from, .output = to, .settings = &FLATTEN, .n_settings = 1},
                    NULL),
      CANON_OK);
  canon_context_free(context);
  shell("rm -r %s && mv %s %s", from, to, from);
  fail_every_allocation(NULL, 0);
}

static void nor_does_one_with_every_option(void **state) {
  (void)state;
  static const canon_setting SETTINGS[] = {{"coalesce", ""}, {"drop-run", ""}};
  copy_index("small");
  put_text("collection.json", "[]");
  fail_every_allocation(SETTINGS, 2);
}

static void a_changed_byte_anywhere_is_read_or_refused(void **state) {
  (void)state;
  static const char *const NAMES[] = {"metadata.json",  "plan.json",      "1.metadata.json", "doclens.1.json",
                                      "centroids.pt",   "buckets.pt",     "ivf.pid.pt",      "1.codes.pt",
                                      "1.residuals.pt", "avg_residual.pt"};
  for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
    char path[200], text[1200];
    size_t size;
    snprintf(path, sizeof path, "corpus/colbert/small/%s", NAMES[i]);
    uint8_t *bytes = support_slurp(path, &size);
    copy_index("small");
    for (size_t at = 0; at<size; at += size> 300 ? 5 : 1) {
      static const uint8_t CHANGES[] = {1, 0x80, 0xff};
      bytes[at] ^= CHANGES[at % 3];
      put(NAMES[i], bytes, size);
      int32_t status = outcome(text);
      if (status != 0 && status != 3) fail_msg("%s, byte %zu: status %d, %s", NAMES[i], at, (int)status, text);
      bytes[at] ^= CHANGES[at % 3];
    }
    free(bytes);
  }
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
  const struct CMUnitTest tests[] = {
      CASE(a_failed_allocation_leaves_no_output),
      CASE(nor_does_one_with_every_option),
      CASE(nor_does_one_on_the_way_from_an_archive),
      CASE(a_changed_byte_anywhere_is_read_or_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
