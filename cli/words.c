/* SPDX-License-Identifier: MIT
 * words.c: see words.h. */
#include "cli/words.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t words_decode(const char *text, size_t size, uint32_t *code) {
  static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const unsigned char *byte = (const unsigned char *)text;
  if (!size) return 0;
  size_t length = byte[0] < 0x80   ? 1
                  : byte[0] < 0xc2 ? 0
                  : byte[0] < 0xe0 ? 2
                  : byte[0] < 0xf0 ? 3
                  : byte[0] < 0xf5 ? 4
                                   : 0;
  if (!length || length > size) return 0;
  uint32_t value = length == 1 ? byte[0] : byte[0] & (0xffu >> (length + 1));
  for (size_t i = 1; i < length; i++) {
    if ((byte[i] & 0xc0) != 0x80) return 0;
    value = value << 6 | (byte[i] & 0x3fu);
  }
  if (value < smallest[length] || value > 0x10ffff) return 0;
  *code = value;
  return length;
}

/* Columns of what is not one wide: combining marks and joiners none, East Asian letters and pictures two. */
static size_t columns_of(uint32_t code) {
  static const struct {
    uint32_t first, last;
    size_t columns;
  } ranges[] = {
      {0x300, 0x36f, 0},     {0x200b, 0x200d, 0},   {0xfe00, 0xfe0f, 0},   {0x1100, 0x115f, 2}, {0x2e80, 0xa4cf, 2},
      {0xac00, 0xd7a3, 2},   {0xf900, 0xfaff, 2},   {0xfe30, 0xfe6f, 2},   {0xff00, 0xff60, 2}, {0xffe0, 0xffe6, 2},
      {0x1f300, 0x1f64f, 2}, {0x1f900, 0x1f9ff, 2}, {0x20000, 0x3fffd, 2},
  };
  for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
    if (code >= ranges[i].first && code <= ranges[i].last) return ranges[i].columns;
  return 1;
}

size_t words_width(const char *text) {
  size_t width = 0, size = strlen(text);
  while (size) {
    uint32_t code = 0;
    size_t length = words_decode(text, size, &code);
    width += columns_of(code);
    text += length ? length : 1;
    size -= length ? length : 1;
  }
  return width;
}

/* Controls, and the marks that turn the direction of the text around them. */
int words_moves_cursor(uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c || code == 0x200e || code == 0x200f ||
         (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) || (code >= 0xd800 && code < 0xe000);
}

static size_t put_escaped(char *to, uint32_t code) {
  static const char letters[] = "\a\b\t\n\v\f\r", names[] = "abtnvfr";
  const char *letter = code ? strchr(letters, (int)(code < 0x80 ? code : 0x7f)) : NULL;
  if (letter) return (size_t)sprintf(to, "\\%c", names[letter - letters]);
  return (size_t)sprintf(to, code < 0x80 ? "\\x%02" PRIx32 : "\\u%04" PRIx32, code);
}

char *words_visible(const char *text) {
  size_t size = strlen(text);
  if (size > (SIZE_MAX - 1) / 4) return NULL;
  char *visible = malloc(4 * size + 1), *to = visible;
  if (!visible) return NULL;
  while (size) {
    uint32_t code = 0;
    size_t length = words_decode(text, size, &code);
    if (!length) to += sprintf(to, "\\x%02x", (unsigned char)*text);
    else if (words_moves_cursor(code)) to += put_escaped(to, code);
    else to = (char *)memcpy(to, text, length) + length;
    text += length ? length : 1;
    size -= length ? length : 1;
  }
  *to = 0;
  return visible;
}

const char *words_size(char text[WORDS_SIZE], uint64_t bytes) {
  static const char units[] = "KMGTPE";
  double size = (double)bytes / 1024;
  size_t unit = 0;
  if (bytes < 1024) {
    snprintf(text, WORDS_SIZE, "%u B", (unsigned)bytes);
    return text;
  }
  for (; size >= 1023.95; unit++) size /= 1024;
  snprintf(text, WORDS_SIZE, "%.1f %ciB", size, units[unit]);
  return text;
}

const char *words_double(char text[WORDS_DOUBLE], double number) {
  if (isnan(number)) return "NaN";
  if (isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  if (number > -1e15 && number < 1e15 && number == (double)(int64_t)number) {
    snprintf(text, WORDS_DOUBLE, "%.0f", number);
    return text;
  }
  for (int digits = 1; digits <= 17; digits++) {
    snprintf(text, WORDS_DOUBLE, "%.*g", digits, number);
    if (strtod(text, NULL) == number) break;
  }
  return text;
}

int words_number(const char *text, int units, uint64_t *number) {
  static const char letters[] = "KMGT";
  uint64_t value = 0;
  const char *at = text;
  for (; *at >= '0' && *at <= '9'; at++) {
    uint64_t digit = (uint64_t)(*at - '0');
    if (value > (UINT64_MAX - digit) / 10) return 0;
    value = value * 10 + digit;
  }
  if (at == text) return 0;
  const char *unit = units && *at ? strchr(letters, *at) : NULL;
  if (unit) {
    unsigned shift = 10 * (unsigned)(unit - letters + 1);
    if (value > UINT64_MAX >> shift) return 0;
    value <<= shift;
    at++;
    if (strcmp(at, "iB") == 0 || strcmp(at, "B") == 0) at = "";
  }
  if (*at) return 0;
  *number = value;
  return 1;
}

/* Insertions, deletions, replacements and swaps of neighbours that make b of a (optimal string alignment). */
static size_t distance(const char *a, const char *b) {
  enum { LONGEST = 48 };
  size_t row[3][LONGEST + 1], n = strlen(a), m = strlen(b);
  if (n > LONGEST || m > LONGEST) return SIZE_MAX;
  for (size_t j = 0; j <= m; j++) row[0][j] = j;
  for (size_t i = 1; i <= n; i++) {
    size_t *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];
    now[0] = i;
    for (size_t j = 1; j <= m; j++) {
      size_t best = last[j - 1] + (a[i - 1] != b[j - 1]);
      if (last[j] + 1 < best) best = last[j] + 1;
      if (now[j - 1] + 1 < best) best = now[j - 1] + 1;
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < best)
        best = before[j - 2] + 1;
      now[j] = best;
    }
  }
  return row[n % 3][m];
}

void words_nearest_offer(words_nearest *nearest, const char *name) {
  size_t length = strlen(nearest->wanted), d = distance(nearest->wanted, name);
  if (length >= 3 && strncmp(nearest->wanted, name, length) == 0) d = 1;
  if (d > (length + 2) / 3 || (nearest->name && d >= nearest->distance)) return;
  nearest->name = name;
  nearest->distance = d;
}
