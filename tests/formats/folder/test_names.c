/* SPDX-License-Identifier: MIT
 * test_names.c: keys and names of files. */
#include <string.h>

#include "core/base/utf8.h"
#include "formats/folder/folder.h"
#include "tests/support/support.h"

static void text_is_what_the_host_calls_text(void **state) {
  (void)state;
  for (uint32_t word = 0; word < 1u << 24; word++) {
    char bytes[3] = {(char)(word >> 16), (char)(word >> 8), (char)word};
    if (folder_is_utf8(bytes, 3) != utf8_valid(bytes, 3)) fail_msg("%06x", (unsigned)word);
    if (word < 1u << 16 && folder_is_utf8(bytes + 1, 2) != utf8_valid(bytes + 1, 2)) fail_msg("%04x", (unsigned)word);
  }
  for (uint32_t word = 0; word < 1u << 18;
       word++) { /* F0 to F7, each with a byte before and behind the border of the second */
    char bytes[4] = {(char)(0xF0 | word >> 15), (char)(0x70 | (word >> 10 & 0x1F) << 3), (char)(0x7E + (word >> 8 & 3)),
                     (char)word};
    if (folder_is_utf8(bytes, 4) != utf8_valid(bytes, 4)) fail_msg("%08x", (unsigned)word);
  }
  assert_true(folder_is_utf8("", 0));
}

static void names_share_the_folders_that_both_are_in(void **state) {
  (void)state;
  assert_int_equal(folder_shared_depth("a", "b"), 0);
  assert_int_equal(folder_shared_depth("a/b", "a/c"), 1);
  assert_int_equal(folder_shared_depth("a/b/c", "a/b/c"), 2);
  assert_int_equal(folder_shared_depth("a/b", "ab/b"), 0);
  assert_int_equal(folder_shared_depth("a/bc/d", "a/b/d"), 1);
  assert_int_equal(folder_shared_depth("a/b", "a/b/c"), 1);
}

static void paths_differ_where_capitals_do_not_count(void **state) {
  (void)state;
  assert_int_equal(folder_path_compare("Weights/A.npy", "weights/a.NPY"), 0);
  assert_true(folder_path_compare("a", "b") < 0);
  assert_true(folder_path_compare("b", "A") > 0);
  assert_true(folder_path_compare("a", "ab") < 0);
  assert_true(folder_path_compare("@", "`") < 0);
  assert_true(folder_path_compare("z", "\xff") < 0);
}

static int is_name(uint32_t kind, const char *key, uint64_t size) {
  canon_node node = {.key_kind = kind, .key = key, .key_size = size};
  return folder_name_problem(&node) == NULL;
}

static void keys_that_would_lead_elsewhere_are_no_names(void **state) {
  (void)state;
  static const char *const no[] = {"", ".", "..", "/", "a/b", "../x", "x/"};
  static const char *const yes[] = {"a",  "...", "..a", ".a",  " ",        "a\n",
                                    "\\", "-",   "~",   "con", "\xc3\xbc", "\xed\xa0\x80"};
  char most[256];
  memset(most, 'x', sizeof most);
  for (size_t i = 0; i < sizeof no / sizeof no[0]; i++) assert_false(is_name(CANON_KEY_STR, no[i], strlen(no[i])));
  for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) assert_true(is_name(CANON_KEY_STR, yes[i], strlen(yes[i])));
  assert_true(is_name(CANON_KEY_STR, most, 255));
  assert_false(is_name(CANON_KEY_STR, most, 256));
  assert_false(is_name(CANON_KEY_STR, "a\0b", 3));
  assert_true(is_name(CANON_KEY_BYTES, "\xff", 1));
  assert_false(is_name(CANON_KEY_BYTES, "a", 1));
  assert_false(is_name(CANON_KEY_INT, "\1", 1));
  assert_false(is_name(CANON_KEY_NONE, NULL, 0));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(text_is_what_the_host_calls_text),
      cmocka_unit_test(names_share_the_folders_that_both_are_in),
      cmocka_unit_test(paths_differ_where_capitals_do_not_count),
      cmocka_unit_test(keys_that_would_lead_elsewhere_are_no_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
