/* SPDX-License-Identifier: MIT */
#include "core/base/real.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/support.h"

typedef void printer(struct text *text, double value);

static double from_bits(uint64_t bits) {
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static void prints(printer *print, double value, const char *expected) {
  struct text text = {0};
  print(&text, value);
  assert_false(text.failed);
  assert_string_equal(text.bytes, expected);
  text_free(&text);
}

/* RFC 8785, appendix B, and the three that JSON has no number for. */
static void json_numbers_are_those_of_rfc_8785(void **state) {
  (void)state;
  static const struct {
    uint64_t bits;
    const char *text;
  } table[] = {
      {0x0000000000000000, "0"},
      {0x8000000000000000, "0"},
      {0x0000000000000001, "5e-324"},
      {0x8000000000000001, "-5e-324"},
      {0x7fefffffffffffff, "1.7976931348623157e+308"},
      {0xffefffffffffffff, "-1.7976931348623157e+308"},
      {0x4340000000000000, "9007199254740992"},
      {0xc340000000000000, "-9007199254740992"},
      {0x4430000000000000, "295147905179352830000"},
      {0x44b52d02c7e14af5, "9.999999999999997e+22"},
      {0x44b52d02c7e14af6, "1e+23"},
      {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
      {0x444b1ae4d6e2ef4e, "999999999999999700000"},
      {0x444b1ae4d6e2ef4f, "999999999999999900000"},
      {0x444b1ae4d6e2ef50, "1e+21"},
      {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
      {0x3eb0c6f7a0b5ed8d, "0.000001"},
      {0x41b3de4355555553, "333333333.3333332"},
      {0x41b3de4355555554, "333333333.33333325"},
      {0x41b3de4355555555, "333333333.3333333"},
      {0x41b3de4355555556, "333333333.3333334"},
      {0x41b3de4355555557, "333333333.33333343"},
      {0xbecbf647612f3696, "-0.0000033333333333333333"},
      {0x43143ff3c1cb0959, "1424953923781206.2"},
      {0x7fffffffffffffff, "\"NaN\""},
      {0xfff8000000000000, "\"NaN\""},
      {0x7ff0000000000000, "\"Infinity\""},
      {0xfff0000000000000, "\"-Infinity\""},
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) prints(real_json, from_bits(table[i].bits), table[i].text);
}

/* The nearest decimal of 16 digits does not read back as a power of two, another one does. */
static void a_power_of_two_takes_the_shorter_decimal_above_it(void **state) {
  (void)state;
  prints(real_json, ldexp(1, -44), "5.684341886080802e-14");
  prints(real_json, -ldexp(1, -44), "-5.684341886080802e-14");
  prints(real_python, ldexp(1, -1022), "2.2250738585072014e-308");
  prints(real_python, ldexp(1, 89), "6.189700196426902e+26");
}

static void python_prints_them_so(void **state) {
  (void)state;
  prints(real_python, 0.0, "0.0");
  prints(real_python, -0.0, "-0.0");
  prints(real_python, 1.0, "1.0");
  prints(real_python, -2.5, "-2.5");
  prints(real_python, 0.1, "0.1");
  prints(real_python, 1e15, "1000000000000000.0");
  prints(real_python, 1e16, "1e+16");
  prints(real_python, 123456789012345680.0, "1.2345678901234568e+17");
  prints(real_python, 0.0001, "0.0001");
  prints(real_python, 0.00001, "1e-05");
  prints(real_python, 1e100, "1e+100");
  prints(real_python, INFINITY, "inf");
  prints(real_python, -INFINITY, "-inf");
  prints(real_python, NAN, "nan");
  prints(real_python, -NAN, "nan");
}

static void hex_has_all_its_digits(void **state) {
  (void)state;
  prints(real_hex, 1.5, "0x1.8000000000000p+0");
  prints(real_hex, -0.1, "-0x1.999999999999ap-4");
  prints(real_hex, 0.0, "0x0.0p+0");
  prints(real_hex, -0.0, "-0x0.0p+0");
  prints(real_hex, DBL_MAX, "0x1.fffffffffffffp+1023");
  prints(real_hex, DBL_MIN, "0x1.0000000000000p-1022");
  prints(real_hex, ldexp(1, -1074), "0x0.0000000000001p-1022");
  prints(real_hex, INFINITY, "inf");
  prints(real_hex, -INFINITY, "-inf");
  prints(real_hex, -NAN, "nan");
}

static void check_round_trip(uint64_t bits) {
  struct text text = {0};
  double value = from_bits(bits);
  real_json(&text, value);
  if (strtod(text.bytes, NULL) != value) fail_msg("%a became %s", value, text.bytes);
  text_cut(&text, 0);
  real_hex(&text, value);
  if (strtod(text.bytes, NULL) != value) fail_msg("%a became %s", value, text.bytes);
  text_cut(&text, 0);
  real_python(&text, value);
  if (strtod(text.bytes, NULL) != value) fail_msg("%a became %s", value, text.bytes);
  text_free(&text);
}

/* Digits that count: neither zeros in front nor behind. */
static int significant_digits(const char *text) {
  int digits = 0, zeros = 0;
  for (; *text && *text != 'e'; text++) {
    if (*text < '0' || *text > '9') continue;
    zeros = *text == '0' ? zeros + 1 : 0;
    digits += *text != '0' || digits;
  }
  return digits - zeros;
}

static void no_shorter_decimal_reads_back(void **state) {
  (void)state;
  uint64_t x = UINT64_C(88172645463325252);
  for (int i = 0; i < 20000; i++) {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    double value = i % 2 ? (double)(x >> 40) / 1000 : from_bits(x & UINT64_C(0x7fdfffffffffffff));
    struct text text = {0};
    real_json(&text, value);
    int digits = significant_digits(text.bytes);
    char shorter[64];
    snprintf(shorter, sizeof shorter, "%.*e", digits > 1 ? digits - 2 : 0, value);
    if (digits > 1 && strtod(shorter, NULL) == value) fail_msg("%s is longer than %s", text.bytes, shorter);
    text_free(&text);
  }
}

static void what_is_printed_reads_back(void **state) {
  (void)state;
  uint64_t x = UINT64_C(88172645463325252);
  for (int i = 0; i < 20000; i++) {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    if ((x >> 52 & 0x7ff) != 0x7ff) check_round_trip(x);
    check_round_trip((x & UINT64_C(0x800fffffffffffff)) >> x % 52); /* subnormals */
  }
  for (uint64_t exponent = 0; exponent < 0x7ff; exponent++) {
    check_round_trip(exponent << 52);
    check_round_trip(exponent << 52 | 1);
    check_round_trip((exponent << 52) + 0xfffffffffffff);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(json_numbers_are_those_of_rfc_8785),
      cmocka_unit_test(a_power_of_two_takes_the_shorter_decimal_above_it),
      cmocka_unit_test(python_prints_them_so),
      cmocka_unit_test(hex_has_all_its_digits),
      cmocka_unit_test(no_shorter_decimal_reads_back),
      cmocka_unit_test(what_is_printed_reads_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
