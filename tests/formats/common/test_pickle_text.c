/* SPDX-License-Identifier: MIT
 * test_pickle_text.c: the decoders of texts and numbers inside pickles, at their edges. */
#include "formats/common/pickle_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/support.h"

#define TEXT(literal) (const uint8_t *)literal, sizeof(literal) - 1

static void utf8_is_told_from_what_only_looks_like_it(void **state) {
  (void)state;
  assert_true(pickle_text_is_utf8(TEXT("")));
  assert_true(pickle_text_is_utf8(TEXT("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80")));
  assert_true(pickle_text_is_utf8(TEXT("\xED\xA0\x80")));      /* a lone surrogate */
  assert_true(pickle_text_is_utf8(TEXT("\xF4\x8F\xBF\xBF")));  /* U+10FFFF */
  assert_false(pickle_text_is_utf8(TEXT("\xF4\x90\x80\x80"))); /* beyond it */
  assert_false(pickle_text_is_utf8(TEXT("\xC0\x80")));         /* longer than need be */
  assert_false(pickle_text_is_utf8(TEXT("\xE0\x9F\xBF")));
  assert_false(pickle_text_is_utf8(TEXT("\xF0\x8F\xBF\xBF")));
  assert_false(pickle_text_is_utf8(TEXT("\x80")));
  assert_false(pickle_text_is_utf8(TEXT("\xC3")));
  assert_false(pickle_text_is_utf8(TEXT("\xE2\x82")));
  assert_false(pickle_text_is_utf8(TEXT("\xC3z")));
  assert_false(pickle_text_is_utf8(TEXT("\xFE")));
}

static void latin1_written_as_utf8_gives_its_bytes_back(void **state) {
  (void)state;
  uint8_t text[512], bytes[512];
  uint64_t n = 0, made;
  for (int byte = 0; byte < 256; byte++) {
    if (byte >= 0x80) text[n++] = (uint8_t)(0xC0 | byte >> 6);
    text[n++] = (uint8_t)(byte < 0x80 ? byte : 0x80 | (byte & 0x3F));
  }
  assert_true(pickle_text_to_latin1(text, n, bytes, &made));
  assert_int_equal(made, 256);
  for (int byte = 0; byte < 256; byte++) assert_int_equal(bytes[byte], byte);
  assert_false(pickle_text_to_latin1(TEXT("\xC4\x80"), bytes, &made)); /* U+0100 */
  assert_false(pickle_text_to_latin1(TEXT("\xE2\x82\xAC"), bytes, &made));
}

static void expect_integer(const char *text, const char *bytes, size_t n) {
  uint8_t got[PICKLE_DECIMAL_BYTES];
  uint64_t made;
  assert_true(pickle_text_to_integer((const uint8_t *)text, strlen(text), got, &made));
  assert_int_equal(made, n);
  assert_memory_equal(got, bytes, n);
}

static void decimal_numbers_of_any_size_become_shortest_twos_complement(void **state) {
  (void)state;
  expect_integer("0", "\0", 1);
  expect_integer("-1", "\xFF", 1);
  expect_integer("127", "\x7F", 1);
  expect_integer("128", "\x80\0", 2);
  expect_integer("-128", "\x80", 1);
  expect_integer("-129", "\x7F\xFF", 2);
  expect_integer("4294967296", "\0\0\0\0\1", 5);
  expect_integer("-4294967296", "\0\0\0\0\xFF", 5);
  expect_integer("999999999999999999999999999999", "\xFF\xFF\xFF\x3F\xEA\xED\x74\x46\xD0\x9C\x2C\x9F\x0C", 13);
  static char digits[PICKLE_LONGEST_DECIMAL + 2];
  uint8_t got[PICKLE_DECIMAL_BYTES];
  uint64_t made;
  memset(digits, '9', PICKLE_LONGEST_DECIMAL); /* 10^4300 - 1 has 14285 bits */
  assert_true(pickle_text_to_integer((const uint8_t *)digits, PICKLE_LONGEST_DECIMAL, got, &made));
  assert_int_equal(made, 14285 / 8 + 1);
  digits[PICKLE_LONGEST_DECIMAL] = '9';
  assert_false(pickle_text_to_integer((const uint8_t *)digits, PICKLE_LONGEST_DECIMAL + 1, got, &made));
  static const char *const WRONG[] = {"", "-", "+1", "01", "-01", "1 ", " 1", "0x10", "1_000", "1.0", "--1"};
  for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++)
    assert_false(pickle_text_to_integer((const uint8_t *)WRONG[i], strlen(WRONG[i]), got, &made));
}

static void floats_are_read_as_python_prints_them(void **state) {
  (void)state;
  static const struct {
    const char *text;
    double value;
  } CASES[] = {
      {"0.0", 0.0},       {"-0.0", -0.0}, {"1e-05", 1e-05},  {"1.7976931348623157e+308", 1.7976931348623157e+308},
      {"5e-324", 5e-324}, {"0.1", 0.1},   {"inf", INFINITY}, {"-inf", -INFINITY}};
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    double got;
    assert_true(pickle_text_to_float((const uint8_t *)CASES[i].text, strlen(CASES[i].text), &got));
    assert_memory_equal(&got, &CASES[i].value, sizeof got);
  }
  double got;
  assert_true(pickle_text_to_float(TEXT("nan"), &got));
  assert_true(isnan(got));
  static const char *const WRONG[] = {"", "1,5", "0x1p3", "1.5x", "infinity", " 1.5", "e", "1e", "nan(1)"};
  for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++)
    assert_false(pickle_text_to_float((const uint8_t *)WRONG[i], strlen(WRONG[i]), &got));
}

static void escapes_that_python_does_not_write_are_refused(void **state) {
  (void)state;
  uint8_t out[64];
  uint64_t n;
  static const char *const WRONG[] = {"",       "'",       "a",     "'a\"",    "'a'b'", "'\\'",
                                      "'\\x1'", "'\\xg0'", "'\\q'", "'\\777'", "x'a'"};
  for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++)
    assert_false(pickle_text_unquote((const uint8_t *)WRONG[i], strlen(WRONG[i]), out, &n));
  assert_true(pickle_text_unquote(TEXT("'\\\\\\a\\b\\f\\n\\r\\t\\v\\0\\12\\x7F\\\"'"), out, &n));
  assert_int_equal(n, 12);
  assert_memory_equal(out, "\\\a\b\f\n\r\t\v\0\12\x7F\"", 12);
  assert_true(pickle_text_unescape(TEXT("\\\\\\u0041\\\\u0041"), out, &n));
  assert_int_equal(n, 10);
  assert_memory_equal(out, "\\\\A\\\\u0041", 10);
  assert_false(pickle_text_unescape(TEXT("\\U00110000"), out, &n));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(utf8_is_told_from_what_only_looks_like_it),
      cmocka_unit_test(latin1_written_as_utf8_gives_its_bytes_back),
      cmocka_unit_test(decimal_numbers_of_any_size_become_shortest_twos_complement),
      cmocka_unit_test(floats_are_read_as_python_prints_them),
      cmocka_unit_test(escapes_that_python_does_not_write_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
