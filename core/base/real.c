/* SPDX-License-Identifier: MIT
 * real.c: see real.h. Correctly rounded printf and strtod do the hard part. The shortest form needs at most three
 * tries: a normal number has at most one decimal of 15 digits that reads back as it, and 17 always do. */
#include "core/base/real.h"

#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_DIGITS = 17 };

/* 0.DIGITS x 10^point */
struct decimal {
  char digits[MOST_DIGITS + 1]; /* without zeros at the end */
  int count, point;
};

/* The magnitude, rounded to so many digits. The point that a locale may put between them is stepped over. */
static struct decimal rounded(double magnitude, int count) {
  struct decimal d = {.count = 0};
  char text[64];
  snprintf(text, sizeof text, "%.*e", count - 1, magnitude);
  const char *s = text;
  for (; *s != 'e'; s++)
    if (*s >= '0' && *s <= '9') d.digits[d.count++] = *s;
  d.point = (int)strtol(s + 1, NULL, 10) + 1;
  return d;
}

static int reads_back(const struct decimal *d, double magnitude) {
  char text[64];
  snprintf(text, sizeof text, "%.*se%d", d->count, d->digits, d->point - d->count);
  return strtod(text, NULL) == magnitude;
}

/* One up in the last digit. */
static void step(struct decimal *d) {
  int i = d->count - 1;
  while (i >= 0 && d->digits[i] == '9') d->digits[i--] = '0';
  if (i >= 0) {
    d->digits[i]++;
  } else {
    d->digits[0] = '1';
    d->point++;
  }
}

static void trim(struct decimal *d) {
  while (d->count > 1 && d->digits[d->count - 1] == '0') d->count--;
}

/* Above a power of two the numbers lie twice as far apart as below it. So a decimal above may read back as it where the
 * nearest one, below, does not: 2^-44 is 5.684341886080802e-14. */
static struct decimal shortest(double magnitude) {
  int significand_bits;
  int is_power = frexp(magnitude, &significand_bits) == 0.5;
  for (int count = fpclassify(magnitude) == FP_SUBNORMAL ? 1 : 15; count < MOST_DIGITS; count++) {
    struct decimal d = rounded(magnitude, count);
    int found = reads_back(&d, magnitude);
    if (!found && is_power) {
      step(&d);
      found = reads_back(&d, magnitude);
    }
    if (found) {
      trim(&d);
      return d;
    }
  }
  struct decimal d = rounded(magnitude, MOST_DIGITS);
  trim(&d);
  return d;
}

struct layout {
  int lowest, highest; /* value of point from which and up to which there is no exponent */
  int exponent_digits;
  const char *whole; /* behind a number without a point or exponent */
};

static void add_zeros(struct text *text, int n) {
  while (n-- > 0) text_char(text, '0');
}

static void add_digits(struct text *text, const struct decimal *d, int from, int to) {
  if (to > d->count) to = d->count;
  if (to > from) text_add(text, d->digits + from, (size_t)(to - from));
}

static void add_number(struct text *text, double value, const struct layout *layout) {
  struct decimal d = {.digits = "0", .count = 1, .point = 1};
  if (value != 0) d = shortest(fabs(value));
  if (d.point < layout->lowest || d.point > layout->highest) {
    add_digits(text, &d, 0, 1);
    if (d.count > 1) text_char(text, '.');
    add_digits(text, &d, 1, d.count);
    text_printf(text, "e%c%0*d", d.point > 0 ? '+' : '-', layout->exponent_digits, abs(d.point - 1));
    return;
  }
  if (d.point <= 0) text_string(text, "0.");
  add_zeros(text, -d.point);
  add_digits(text, &d, 0, d.point);
  add_zeros(text, d.point - d.count);
  if (d.count > d.point && d.point > 0) text_char(text, '.');
  add_digits(text, &d, d.point > 0 ? d.point : 0, d.count);
  if (d.count <= d.point) text_string(text, layout->whole);
}

void real_json(struct text *text, double value) {
  static const struct layout ecmascript = {-5, 21, 1, ""};
  if (isnan(value)) {
    text_string(text, "\"NaN\"");
  } else if (isinf(value)) {
    text_string(text, value < 0 ? "\"-Infinity\"" : "\"Infinity\"");
  } else {
    if (value < 0) text_char(text, '-');
    add_number(text, value, &ecmascript);
  }
}

void real_python(struct text *text, double value) {
  static const struct layout python = {-3, 16, 2, ".0"};
  if (!isnan(value) && signbit(value)) text_char(text, '-');
  if (isfinite(value)) {
    add_number(text, value, &python);
  } else {
    text_string(text, isnan(value) ? "nan" : "inf");
  }
}

void real_hex(struct text *text, double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  uint64_t fraction = bits & ((UINT64_C(1) << 52) - 1);
  int exponent = (int)(bits >> 52 & 0x7ff);
  if (!isnan(value) && signbit(value)) text_char(text, '-');
  if (exponent == 0x7ff) {
    text_string(text, fraction ? "nan" : "inf");
  } else if (exponent == 0 && fraction == 0) {
    text_string(text, "0x0.0p+0");
  } else {
    text_printf(text, "0x%d.%013" PRIx64 "p%+d", exponent != 0, fraction, exponent ? exponent - 1023 : -1022);
  }
}
