/* SPDX-License-Identifier: MIT
 * text.c: the floats and complex numbers that Python prints. The locale has no say in any of it. */
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "formats/msgpack/msgpack.h"

static int parse_double(const char *text, uint64_t size, double *value) {
  char copy[64];
  if (!size || size >= sizeof copy) return 0;
  memcpy(copy, text, size);
  copy[size] = '\0';
  const char *word = copy + (copy[0] == '-' || copy[0] == '+');
  if (strcmp(word, "inf") != 0 && strcmp(word, "nan") != 0 && strspn(copy, "0123456789+-.e") != size) return 0;
  locale_t plain = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
  if (!plain) return 0;
  char *end;
  *value = strtod_l(copy, &end, plain);
  freelocale(plain);
  return end == copy + size;
}

/* The fewest significant digits that read back as value, without a point; value = 0.D1D2D3... * 10^*scale. */
static uint32_t shortest_digits(double value, char digits[24], int *scale) {
  char text[40];
  for (int precision = 0; precision < 17; precision++) {
    double back = 0;
    int n = snprintf(text, sizeof text, "%.*e", precision, value);
    for (int i = 0; i < n; i++)
      if (!strchr("0123456789+-e", text[i])) text[i] = '.'; /* whatever the locale has there */
    if (parse_double(text, (uint64_t)n, &back) && back == value) break;
  }
  const char *mark = strchr(text, 'e');
  uint32_t n = 0;
  for (const char *at = text; at < mark; at++)
    if (*at >= '0' && *at <= '9') digits[n++] = *at;
  digits[n] = '\0';
  *scale = atoi(mark + 1) + 1;
  return n;
}

uint32_t msgpack_float_print(double value, int is_part, char text[MSGPACK_FLOAT_TEXT]) {
  const char *sign = signbit(value) && !isnan(value) ? "-" : "";
  char digits[24];
  int scale, n;
  if (isnan(value) || isinf(value))
    return (uint32_t)snprintf(text, MSGPACK_FLOAT_TEXT, "%s%s", sign, isnan(value) ? "nan" : "inf");
  int count = (int)shortest_digits(signbit(value) ? -value : value, digits, &scale);
  if (scale <= -4 || scale > 16)
    n = snprintf(text, MSGPACK_FLOAT_TEXT, "%s%c%s%se%+03d", sign, digits[0], count > 1 ? "." : "", digits + 1,
                 scale - 1);
  else if (scale <= 0) n = snprintf(text, MSGPACK_FLOAT_TEXT, "%s0.%.*s%s", sign, -scale, "000", digits);
  else if (count <= scale)
    n = snprintf(text, MSGPACK_FLOAT_TEXT, "%s%s%.*s%s", sign, digits, scale - count, "000000000000000",
                 is_part ? "" : ".0");
  else n = snprintf(text, MSGPACK_FLOAT_TEXT, "%s%.*s.%s", sign, scale, digits, digits + scale);
  return (uint32_t)n;
}

uint32_t msgpack_complex_print(const double value[2], char text[2 * MSGPACK_FLOAT_TEXT]) {
  char real[MSGPACK_FLOAT_TEXT], imaginary[MSGPACK_FLOAT_TEXT];
  msgpack_float_print(value[0], 1, real);
  msgpack_float_print(value[1], 1, imaginary);
  int n;
  if (value[0] == 0 && !signbit(value[0])) n = snprintf(text, 2 * MSGPACK_FLOAT_TEXT, "%sj", imaginary);
  else n = snprintf(text, 2 * MSGPACK_FLOAT_TEXT, "(%s%s%sj)", real, imaginary[0] == '-' ? "" : "+", imaginary);
  return (uint32_t)n;
}

int msgpack_complex_parse(const char *text, uint64_t size, double value[2]) {
  if (size >= 2 && text[0] == '(' && text[size - 1] == ')') {
    text++;
    size -= 2;
  }
  if (size < 2 || text[size - 1] != 'j') return 0;
  size--;
  uint64_t split = size - 1;
  while (split && ((text[split] != '+' && text[split] != '-') || text[split - 1] == 'e')) split--;
  value[0] = 0;
  return (!split || parse_double(text, split, &value[0])) && parse_double(text + split, size - split, &value[1]);
}
