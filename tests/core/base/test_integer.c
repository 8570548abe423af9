/* SPDX-License-Identifier: MIT */
#include "core/base/integer.h"

#include <string.h>

#include "core/base/mem.h"
#include "tests/support/support.h"

static void prints(const char *bytes, size_t n, const char *expected) {
  struct text text = {0};
  integer_text(&text, bytes, n);
  assert_string_equal(text.bytes, expected);
  text_free(&text);
}

static void prints_decimal(void **state) {
  (void)state;
  prints("\x00", 1, "0");
  prints("\x07", 1, "7");
  prints("\xff", 1, "-1");
  prints("\x80", 1, "-128");
  prints("\x80\x00", 2, "128");
  prints("\x00\xff", 2, "-256");
  prints("\x00\xca\x9a\x3b", 4, "1000000000");
  prints("\x01\xca\x9a\x3b", 4, "1000000001");
  prints("\xff\xff\xff\xff\xff\xff\xff\x7f", 8, "9223372036854775807");
  prints("\0\0\0\0\0\0\0\x80", 8, "-9223372036854775808");
  prints("\0\0\0\0\0\0\0\0\x01", 9, "18446744073709551616");
  prints("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12, "-1");
  prints("\x05\0\0\0\0\0\0\0\0\0\0\0", 12, "5");
  prints("", 0, "0");
}

static void parses_what_it_prints(void **state) {
  (void)state;
  uint32_t x = 1;
  for (size_t n = 1; n < 120; n++)
    for (int shape = 0; shape < 4; shape++) {
      uint8_t bytes[120];
      for (size_t i = 0; i < n; i++)
        bytes[i] = shape == 0 ? 0 : shape == 1 ? 0xff : (uint8_t)((x = x * 1664525u + 1013904223u) >> 24);
      if (shape < 2) bytes[n - 1] = shape == 0 ? 0x40 : 0xbf;
      struct text decimal = {0}, back = {0};
      integer_text(&decimal, bytes, n);
      assert_true(integer_parse(&back, decimal.bytes, decimal.size));
      assert_int_equal(back.size, integer_shortest(bytes, n));
      assert_memory_equal(back.bytes, bytes, back.size);
      text_free(&decimal);
      text_free(&back);
    }
}

static void parses_only_decimal(void **state) {
  (void)state;
  struct text bytes = {0};
  static const char *const bad[] = {"", "-", "+1", " 1", "1 ", "0x10", "1.0", "1e5", "--1", "1234567890a"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(integer_parse(&bytes, bad[i], strlen(bad[i])));
  assert_int_equal(bytes.size, 0);
  assert_true(integer_parse(&bytes, "-000", 4));
  assert_int_equal(bytes.size, 1);
  assert_int_equal(bytes.bytes[0], 0);
  text_free(&bytes);
}

static void decimal_ends_where_its_cost_would_show(void **state) {
  (void)state;
  static uint8_t bytes[INTEGER_DECIMAL_BYTES + 1];
  struct text text = {0}, back = {0};
  bytes[INTEGER_DECIMAL_BYTES - 1] = 0x80; /* the lowest number of that size */
  integer_text(&text, bytes, INTEGER_DECIMAL_BYTES);
  assert_int_equal(text.bytes[0], '-');
  assert_int_equal(text.size, 9865); /* -2^32767 */
  assert_true(integer_parse(&back, text.bytes, text.size));
  assert_int_equal(back.size, INTEGER_DECIMAL_BYTES);
  assert_memory_equal(back.bytes, bytes, INTEGER_DECIMAL_BYTES);

  text_cut(&back, 0);
  assert_false(integer_parse(&back, text.bytes + 1, text.size - 1)); /* 2^32767 takes a byte more */
  text_cut(&text, 0);
  integer_text(&text, bytes, INTEGER_DECIMAL_BYTES + 1);
  assert_int_equal(text.size, 2 + 2 * INTEGER_DECIMAL_BYTES);
  assert_memory_equal(text.bytes, "0x8000", 6);
  bytes[INTEGER_DECIMAL_BYTES] = 0xff;
  bytes[INTEGER_DECIMAL_BYTES - 1] = 0;
  text_cut(&text, 0);
  integer_text(&text, bytes, INTEGER_DECIMAL_BYTES + 1);
  assert_int_equal(text.size, 4 + 2 * INTEGER_DECIMAL_BYTES);
  assert_memory_equal(text.bytes, "-0x10000", 8);
  text_free(&text);

  for (int i = 0; i < 100000; i++) text_char(&text, '9');
  assert_false(integer_parse(&back, text.bytes, text.size));
  text_free(&text);
  text_free(&back);
}

static void knows_its_shortest_form(void **state) {
  (void)state;
  assert_int_equal(integer_shortest("\x7f\x00\x00", 3), 1);
  assert_int_equal(integer_shortest("\x80\x00\x00", 3), 2);
  assert_int_equal(integer_shortest("\x80\xff\xff", 3), 1);
  assert_int_equal(integer_shortest("\x7f\xff\xff", 3), 2);
  assert_int_equal(integer_shortest("\0\0\0", 3), 1);
}

static void compares_by_value(void **state) {
  (void)state;
  static const struct {
    const char *bytes;
    size_t n;
  } ascending[] = {
      {"\x00\x00\x80", 3}, {"\x00\x80", 2}, {"\x7f\xff", 2},     {"\x80", 1},         {"\xfe", 1},
      {"\xff", 1},         {"\x00", 1},     {"\x01", 1},         {"\x7f", 1},         {"\x80\x00", 2},
      {"\x00\x01", 2},     {"\xff\x7f", 2}, {"\x00\x80\x00", 3}, {"\x00\x00\x01", 3},
  };
  size_t n = sizeof ascending / sizeof *ascending;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++) {
      int order = integer_compare(ascending[i].bytes, ascending[i].n, ascending[j].bytes, ascending[j].n);
      assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
    }
  assert_int_equal(integer_compare("\x05\x00\x00", 3, "\x05", 1), 0);
}

static void fits_in_64_bits_or_says_so(void **state) {
  (void)state;
  int64_t value = 1;
  assert_true(integer_small("\xff", 1, &value));
  assert_int_equal(value, -1);
  assert_true(integer_small("\0\0\0\0\0\0\0\x80", 8, &value));
  assert_true(value == INT64_MIN);
  assert_true(integer_small("\x01\0\0\0\0\0\0\0\0\0", 10, &value));
  assert_int_equal(value, 1);
  assert_false(integer_small("\0\0\0\0\0\0\0\x80\0", 9, &value));
  assert_int_equal(value, 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(prints_decimal),
      cmocka_unit_test(parses_what_it_prints),
      cmocka_unit_test(parses_only_decimal),
      cmocka_unit_test(decimal_ends_where_its_cost_would_show),
      cmocka_unit_test(knows_its_shortest_form),
      cmocka_unit_test(compares_by_value),
      cmocka_unit_test(fits_in_64_bits_or_says_so),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
