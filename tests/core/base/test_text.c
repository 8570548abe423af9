/* SPDX-License-Identifier: MIT */
#include "core/base/text.h"

#include <string.h>

#include "core/base/mem.h"
#include "tests/support/support.h"

#define CHECK(text, expected)                         \
  do {                                                \
    assert_false((text)->failed);                     \
    assert_int_equal((text)->size, strlen(expected)); \
    assert_string_equal((text)->bytes, expected);     \
    text_free(text);                                  \
  } while (0)

static void adds_what_it_is_given(void **state) {
  (void)state;
  struct text text = {0};
  text_string(&text, "a");
  text_add(&text, NULL, 0);
  text_char(&text, 'b');
  text_printf(&text, "%d-%s", 7, "c");
  CHECK(&text, "ab7-c");
}

static void is_terminated_even_when_empty(void **state) {
  (void)state;
  struct text text = {0};
  text_add(&text, NULL, 0);
  CHECK(&text, "");
}

static void prints_text_longer_than_any_buffer(void **state) {
  (void)state;
  char long_text[5000];
  memset(long_text, 'x', sizeof long_text - 1);
  long_text[sizeof long_text - 1] = 0;
  for (size_t n = 250; n < 260; n++) {
    struct text text = {0};
    text_printf(&text, "%.*s", (int)n, long_text);
    assert_int_equal(text.size, n);
    assert_int_equal(strlen(text.bytes), n);
    text_free(&text);
  }
  struct text text = {0};
  text_printf(&text, "<%s>", long_text);
  assert_int_equal(text.size, sizeof long_text + 1);
  assert_string_equal(text.bytes + text.size - 2, "x>");
  text_free(&text);
}

static void grows_by_single_characters(void **state) {
  (void)state;
  struct text text = {0};
  for (int i = 0; i < 100000; i++) text_char(&text, (char)('a' + i % 26));
  assert_int_equal(text.size, 100000);
  for (int i = 0; i < 100000; i++) assert_int_equal(text.bytes[i], 'a' + i % 26);
  text_cut(&text, 3);
  text_cut(&text, 5);
  CHECK(&text, "abc");
}

static void json_escapes_as_rfc_8785_does(void **state) {
  (void)state;
  struct text text = {0};
  static const char value[] = "\xe2\x82\xac$\x0f\nA'B\"\\\\\"/"; /* section 3.2.2's example, its characters */
  text_json_string(&text, value, sizeof value - 1);
  CHECK(&text, "\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"");
  text_json_string(&text, "\b\t\n\f\r\x1f\x7f\0", 8);
  CHECK(&text, "\"\\b\\t\\n\\f\\r\\u001f\x7f\\u0000\"");
  text_json_string(&text, NULL, 0);
  CHECK(&text, "\"\"");
}

static void json_keeps_surrogates_and_bad_bytes_apart_from_text(void **state) {
  (void)state;
  struct text text = {0};
  text_json_string(&text, "\xed\xa0\xbd\xed\xb8\x80", 6);
  CHECK(&text, "\"\\ud83d\\ude00\"");
  text_json_string(&text, "\xf0\x9f\x98\x80", 4);
  CHECK(&text, "\"\xf0\x9f\x98\x80\"");
  text_json_string(&text, "a\xff\xc3", 3);
  CHECK(&text, "\"a\\udcff\\udcc3\"");
}

static void a_terminal_gets_no_control_characters(void **state) {
  (void)state;
  struct text text = {0};
  text_visible(&text, "plain h\xc3\xa9 \\ \"x\"", 15);
  CHECK(&text, "plain h\xc3\xa9 \\ \"x\"");
  text_visible(&text, "\x1b[31m\n\r\t\x7f", 9);
  CHECK(&text, "\\x1b[31m\\x0a\\x0d\\x09\\x7f");
  text_visible(&text, "a\0b", 3);
  CHECK(&text, "a\\x00b");
  text_visible(&text,
               "\xc2\x9b"
               "31m",
               5);
  CHECK(&text, "\\u009b31m");
  text_visible(&text, "\xff\xc3", 2);
  CHECK(&text, "\\xff\\xc3");
  text_visible(&text, "\xed\xa0\x80", 3);
  CHECK(&text, "\\ud800");
}

static void a_terminal_gets_nothing_that_reorders_text(void **state) {
  (void)state;
  static const char *const controls[][2] = {
      {"\xd8\x9c", "\\u061c"},     {"\xe2\x80\x8e", "\\u200e"}, {"\xe2\x80\x8f", "\\u200f"},
      {"\xe2\x80\xa8", "\\u2028"}, {"\xe2\x80\xa9", "\\u2029"}, {"\xe2\x80\xaa", "\\u202a"},
      {"\xe2\x80\xab", "\\u202b"}, {"\xe2\x80\xac", "\\u202c"}, {"\xe2\x80\xad", "\\u202d"},
      {"\xe2\x80\xae", "\\u202e"}, {"\xe2\x81\xa6", "\\u2066"}, {"\xe2\x81\xa7", "\\u2067"},
      {"\xe2\x81\xa8", "\\u2068"}, {"\xe2\x81\xa9", "\\u2069"},
  };
  struct text text = {0};
  for (size_t i = 0; i < sizeof controls / sizeof *controls; i++) {
    text_visible(&text, controls[i][0], strlen(controls[i][0]));
    CHECK(&text, controls[i][1]);
  }
}

static void hex_is_lower_case(void **state) {
  (void)state;
  struct text text = {0};
  text_hex(&text, "\x00\x1f\xab\xff", 4);
  CHECK(&text, "001fabff");
}

static void a_failed_allocation_sticks(void **state) {
  (void)state;
  struct text text = {0};
  text_string(&text, "before");
  mem_fail_at(1);
  for (int i = 0; i < 100; i++) text_string(&text, "0123456789");
  assert_true(mem_fail_at(0));
  assert_true(text.failed);
  assert_int_equal(text.size, 6);
  text_hex(&text, "x", 1);
  text_printf(&text, "%d", 1);
  text_json_string(&text, "x", 1);
  assert_int_equal(text.size, 6);
  assert_string_equal(text.bytes, "before");
  text_free(&text);
  text_string(&text, "again");
  CHECK(&text, "again");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(adds_what_it_is_given),
      cmocka_unit_test(is_terminated_even_when_empty),
      cmocka_unit_test(prints_text_longer_than_any_buffer),
      cmocka_unit_test(grows_by_single_characters),
      cmocka_unit_test(json_escapes_as_rfc_8785_does),
      cmocka_unit_test(json_keeps_surrogates_and_bad_bytes_apart_from_text),
      cmocka_unit_test(a_terminal_gets_no_control_characters),
      cmocka_unit_test(a_terminal_gets_nothing_that_reorders_text),
      cmocka_unit_test(hex_is_lower_case),
      cmocka_unit_test(a_failed_allocation_sticks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
