/* SPDX-License-Identifier: MIT
 * test_text.c: UTF-8 character by character; floats and complex numbers as Python prints and reads them. */
#include <math.h>

#include "tests/formats/msgpack/msgpack_file.h"

#include "formats/msgpack/msgpack.h"

static uint64_t good(const char *text, uint64_t size, int is_piece) {
  return text_utf8_prefix((const uint8_t *)text, size, is_piece);
}
#define GOOD(text) good("" text, sizeof(text) - 1, 0)

static void utf8_is_that_of_the_unicode_table(void **state) {
  (void)state;
  assert_int_equal(GOOD(""), 0);
  assert_int_equal(GOOD("a\0b"), 3);
  assert_int_equal(GOOD("\xc2\x80\xdf\xbf"), 4);
  assert_int_equal(GOOD("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"), 12);
  assert_int_equal(GOOD("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"), 8);
  assert_int_equal(GOOD("a\x80"), 1);
  assert_int_equal(GOOD("a\xc0\x80"), 1);
  assert_int_equal(GOOD("a\xc1\xbf"), 1);
  assert_int_equal(GOOD("a\xe0\x9f\xbf"), 1);
  assert_int_equal(GOOD("a\xed\xa0\x80"), 1); /* a surrogate */
  assert_int_equal(GOOD("a\xf0\x8f\xbf\xbf"), 1);
  assert_int_equal(GOOD("a\xf4\x90\x80\x80"), 1); /* beyond U+10FFFF */
  assert_int_equal(GOOD("a\xf5\x80\x80\x80"), 1);
  assert_int_equal(GOOD("a\xff"), 1);
  assert_int_equal(GOOD("ab\xe6\xb8"), 2);
  assert_int_equal(good("ab\xe6\xb8", 4, 1), 4); /* a piece may end within a character */
  assert_int_equal(good("ab\xe6(", 4, 1), 2);
}

static void floats_print_as_pythons_repr(void **state) {
  static const struct {
    double value;
    const char *whole, *part;
  } ALL[] = {
      {0.0, "0.0", "0"},
      {-0.0, "-0.0", "-0"},
      {1, "1.0", "1"},
      {-1.5, "-1.5", "-1.5"},
      {0.1, "0.1", "0.1"},
      {1.0 / 3, "0.3333333333333333", "0.3333333333333333"},
      {1e15, "1000000000000000.0", "1000000000000000"},
      {1e16, "1e+16", "1e+16"},
      {1.5e300, "1.5e+300", "1.5e+300"},
      {0.0001, "0.0001", "0.0001"},
      {0.00001, "1e-05", "1e-05"},
      {5e-324, "5e-324", "5e-324"},
      {1.7976931348623157e308, "1.7976931348623157e+308", "1.7976931348623157e+308"},
      {123456.789, "123456.789", "123456.789"},
      {9007199254740993.0, "9007199254740992.0", "9007199254740992"},
  };
  char text[MSGPACK_FLOAT_TEXT];
  (void)state;
  for (size_t i = 0; i < sizeof ALL / sizeof ALL[0]; i++) {
    assert_int_equal(msgpack_float_print(ALL[i].value, 0, text), strlen(ALL[i].whole));
    assert_string_equal(text, ALL[i].whole);
    assert_int_equal(msgpack_float_print(ALL[i].value, 1, text), strlen(ALL[i].part));
    assert_string_equal(text, ALL[i].part);
  }
  msgpack_float_print((double)INFINITY, 0, text);
  assert_string_equal(text, "inf");
  msgpack_float_print(-(double)INFINITY, 0, text);
  assert_string_equal(text, "-inf");
  msgpack_float_print(-(double)NAN, 0, text);
  assert_string_equal(text, "nan");
}

static void expect_complex(double real, double imaginary, const char *expected) {
  double value[2] = {real, imaginary}, back[2];
  char text[2 * MSGPACK_FLOAT_TEXT];
  assert_int_equal(msgpack_complex_print(value, text), strlen(expected));
  assert_string_equal(text, expected);
  assert_true(msgpack_complex_parse(text, strlen(text), back));
  assert_memory_equal(back, value, sizeof value);
}

static void complex_numbers_print_as_pythons_repr_and_read_back(void **state) {
  (void)state;
  expect_complex(1, 2, "(1+2j)");
  expect_complex(1, -2.5, "(1-2.5j)");
  expect_complex(0, 1, "1j");
  expect_complex(0, -0.0, "-0j");
  expect_complex(-0.0, 1, "(-0+1j)");
  expect_complex(1e-10, 1e20, "(1e-10+1e+20j)");
  expect_complex(-1.7976931348623157e308, -5e-324, "(-1.7976931348623157e+308-5e-324j)");
  expect_complex((double)INFINITY, -(double)INFINITY, "(inf-infj)");
}

static void no_other_text_is_a_complex_number(void **state) {
  static const char *const TEXTS[] = {
      "",    "j",       "()",         "(j)",    "1",           "(1+2)",         "1+2i", "(1+2j",   " 1j",
      "1 j", "(1++2j)", "(0x1p3+1j)", "(1e+j)", "(nan(1)+1j)", "(infinity+1j)", "1_0j", "(1,5+2j)"};
  double value[2];
  (void)state;
  for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++)
    if (msgpack_complex_parse(TEXTS[i], strlen(TEXTS[i]), value))
      fail_msg("%s is read as (%g, %g)", TEXTS[i], value[0], value[1]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(utf8_is_that_of_the_unicode_table),
      cmocka_unit_test(floats_print_as_pythons_repr),
      cmocka_unit_test(complex_numbers_print_as_pythons_repr_and_read_back),
      cmocka_unit_test(no_other_text_is_a_complex_number),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
