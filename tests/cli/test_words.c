/* SPDX-License-Identifier: MIT
 * test_words.c: what the command line makes of words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/words.h"

static void utf8_is_decoded_and_what_is_none_is_not(void **state) {
  (void)state;
  static const struct {
    const char *text;
    size_t length;
    uint32_t code;
  } cases[] = {
      {"a", 1, 'a'},
      {"\xc3\xa9", 2, 0xe9},
      {"\xe2\x82\xac", 3, 0x20ac},
      {"\xf0\x9f\x99\x82", 4, 0x1f642},
      {"\xed\xa0\x80", 3, 0xd800},
      {"\x80", 0, 0},
      {"\xc0\xaf", 0, 0},
      {"\xe0\x80\x80", 0, 0},
      {"\xf0\x80\x80\x80", 0, 0},
      {"\xf4\x90\x80\x80", 0, 0},
      {"\xe2\x82", 0, 0},
      {"\xff", 0, 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    uint32_t code = 0;
    assert_int_equal(words_decode(cases[i].text, strlen(cases[i].text), &code), cases[i].length);
    assert_int_equal(code, cases[i].code);
  }
}

static void nothing_that_is_shown_moves_the_cursor(void **state) {
  (void)state;
  static const struct {
    const char *text, *visible;
  } cases[] = {
      {"plain \xc3\xa9", "plain \xc3\xa9"},
      {"a\nb\t", "a\\nb\\t"},
      {"\x1b[31m", "\\x1b[31m"},
      {"\x7f", "\\x7f"},
      {"\xc2\x9b", "\\u009b"},
      {"\xe2\x80\xae", "\\u202e"},
      {"\xff\xc3", "\\xff\\xc3"},
      {"\xed\xb3\xbf", "\\udcff"},
      {"", ""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char *visible = words_visible(cases[i].text);
    assert_string_equal(visible, cases[i].visible);
    free(visible);
  }
}

static void width_counts_columns_not_bytes(void **state) {
  (void)state;
  assert_int_equal(words_width(""), 0);
  assert_int_equal(words_width("plain"), 5);
  assert_int_equal(words_width("\xc3\xa9"), 1);  /* e with an acute accent, in one */
  assert_int_equal(words_width("e\xcc\x81"), 1); /* and in two code points */
  assert_int_equal(words_width("\xe6\xb8\xa9\xe5\xba\xa6"), 4);
  assert_int_equal(words_width("\xf0\x9f\x8c\xa1"), 2);
  assert_int_equal(words_width("\xff"), 1);
}

static void sizes_change_their_unit_where_rounding_would_give_1024(void **state) {
  (void)state;
  static const struct {
    uint64_t bytes;
    const char *text;
  } cases[] = {
      {0, "0 B"},
      {1023, "1023 B"},
      {1024, "1.0 KiB"},
      {1048524, "1023.9 KiB"},
      {1048575, "1.0 MiB"},
      {UINT64_C(1) << 40, "1.0 TiB"},
      {UINT64_MAX, "16.0 EiB"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char text[WORDS_SIZE];
    assert_string_equal(words_size(text, cases[i].bytes), cases[i].text);
  }
}

static void doubles_are_as_short_as_they_read_back(void **state) {
  (void)state;
  static const struct {
    double number;
    const char *text;
  } cases[] = {
      {0.1, "0.1"},
      {100, "100"},
      {-1500000.5, "-1500000.5"},
      {1.0 / 3, "0.3333333333333333"},
      {-0.0, "-0"},
      {5e-324, "5e-324"},
      {1e23, "1e+23"},
      {9007199254740992.0, "9007199254740992"},
      {0.1 + 0.2, "0.30000000000000004"},
      {0.0 / 0.0, "NaN"},
      {1.0 / 0.0, "Infinity"},
      {-1.0 / 0.0, "-Infinity"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char text[WORDS_DOUBLE];
    assert_string_equal(words_double(text, cases[i].number), cases[i].text);
  }
}

static void numbers_are_whole_and_in_range(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int units, ok;
    uint64_t number;
  } cases[] = {
      {"0", 0, 1, 0},
      {"18446744073709551615", 0, 1, UINT64_MAX},
      {"18446744073709551616", 0, 0, 0},
      {"", 0, 0, 0},
      {"-1", 0, 0, 0},
      {"+1", 0, 0, 0},
      {" 1", 0, 0, 0},
      {"1 ", 0, 0, 0},
      {"1.5", 0, 0, 0},
      {"4K", 0, 0, 0},
      {"4K", 1, 1, 4096},
      {"4KiB", 1, 1, 4096},
      {"4KB", 1, 1, 4096},
      {"1T", 1, 1, UINT64_C(1) << 40},
      {"4k", 1, 0, 0},
      {"4KX", 1, 0, 0},
      {"16777216T", 1, 0, 0},
      {"K", 1, 0, 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    uint64_t number = 0;
    assert_int_equal(words_number(cases[i].text, cases[i].units, &number), cases[i].ok);
    assert_int_equal(number, cases[i].number);
  }
}

static const char *nearest_of(const char *wanted) {
  static const char *const names[] = {"select", "tensors-only", "threads", "to", "stats", "normalize"};
  words_nearest nearest = {.wanted = wanted};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) words_nearest_offer(&nearest, names[i]);
  return nearest.name;
}

static void a_near_miss_finds_its_name_and_a_far_one_none(void **state) {
  (void)state;
  assert_string_equal(nearest_of("selct"), "select");
  assert_string_equal(nearest_of("slecet"), "select");
  assert_string_equal(nearest_of("thread"), "threads");
  assert_string_equal(nearest_of("norm"), "normalize");
  assert_string_equal(nearest_of("normalise"), "normalize");
  assert_null(nearest_of("frobnicate"));
  assert_null(nearest_of("x"));
  assert_null(nearest_of("a-name-that-is-much-longer-than-any-option-ever-was-or-will-be"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(utf8_is_decoded_and_what_is_none_is_not),
      cmocka_unit_test(nothing_that_is_shown_moves_the_cursor),
      cmocka_unit_test(width_counts_columns_not_bytes),
      cmocka_unit_test(sizes_change_their_unit_where_rounding_would_give_1024),
      cmocka_unit_test(doubles_are_as_short_as_they_read_back),
      cmocka_unit_test(numbers_are_whole_and_in_range),
      cmocka_unit_test(a_near_miss_finds_its_name_and_a_far_one_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
