/* SPDX-License-Identifier: MIT */
#include "core/base/utf8.h"

#include <string.h>

#include "tests/support/support.h"

static uint32_t only(const char *text, size_t size) {
  uint32_t code = 0;
  assert_int_equal(utf8_next(text, strlen(text), &code), size);
  return code;
}

static void reads_one_to_four_bytes(void **state) {
  (void)state;
  assert_int_equal(only("A", 1), 'A');
  assert_int_equal(only("\x7f", 1), 0x7f);
  assert_int_equal(only("\xc2\x80", 2), 0x80);
  assert_int_equal(only("\xdf\xbf", 2), 0x7ff);
  assert_int_equal(only("\xe0\xa0\x80", 3), 0x800);
  assert_int_equal(only("\xef\xbf\xbf", 3), 0xffff);
  assert_int_equal(only("\xf0\x90\x80\x80", 4), 0x10000);
  assert_int_equal(only("\xf4\x8f\xbf\xbf", 4), 0x10ffff);
}

static void lets_a_surrogate_pass_as_three_bytes(void **state) {
  (void)state;
  assert_int_equal(only("\xed\xa0\x80", 3), 0xd800);
  assert_int_equal(only("\xed\xbf\xbf", 3), 0xdfff);
}

static void refuses_what_is_not_utf8(void **state) {
  (void)state;
  static const char *const bad[] = {
      "\x80",
      "\xbf",
      "\xc0\x80",
      "\xc1\xbf",
      "\xc2",
      "\xc2\x41",
      "\xe0\x80\x80",
      "\xe0\x9f\xbf",
      "\xe1\x80",
      "\xe1\x80\x41",
      "\xf0\x80\x80\x80",
      "\xf0\x8f\xbf\xbf",
      "\xf0\x90",
      "\xff",
      "\xf8\x88\x80",
      "\xf4\x90\x80\x80",
      "\xf5\x80\x80\x80",
  };
  uint32_t code;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    assert_int_equal(utf8_next(bad[i], strlen(bad[i]), &code), 0);
    assert_false(utf8_valid(bad[i], strlen(bad[i])));
  }
  assert_int_equal(utf8_next("", 0, &code), 0);
}

static void every_code_survives_a_round_trip(void **state) {
  (void)state;
  for (uint32_t code = 0; code <= 0x10ffff; code++) {
    char text[4];
    size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const uint8_t heads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = n; i--;)
      text[i] = (char)(i ? 0x80 | (code >> 6 * (n - 1 - i) & 0x3f) : heads[n] | code >> 6 * (n - 1));
    uint32_t back = 0;
    if (utf8_next(text, n, &back) != n || back != code) fail_msg("U+%04X", (unsigned)code);
    if (utf8_next(text, n - 1, &back) != 0) fail_msg("U+%04X cut short", (unsigned)code);
  }
}

static void a_text_is_valid_as_a_whole(void **state) {
  (void)state;
  assert_true(utf8_valid(NULL, 0));
  assert_true(utf8_valid("a\0b", 3));
  assert_true(utf8_valid("h\xc3\xa9llo \xe2\x82\xac", 10));
  assert_false(utf8_valid("h\xc3\xa9llo \xe2\x82\xac", 9));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_one_to_four_bytes),    cmocka_unit_test(lets_a_surrogate_pass_as_three_bytes),
      cmocka_unit_test(refuses_what_is_not_utf8),   cmocka_unit_test(every_code_survives_a_round_trip),
      cmocka_unit_test(a_text_is_valid_as_a_whole),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
