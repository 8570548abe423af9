/* SPDX-License-Identifier: MIT
 * pickle_text.c: decoders that never read past their input and never write past the bound in the header. */
#include "formats/common/pickle_text.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

int pickle_text_is_utf8(const uint8_t *bytes, uint64_t size) {
  static const uint32_t SMALLEST[5] = {0, 0, 0x80, 0x800, 0x10000};
  for (uint64_t i = 0; i < size;) {
    uint32_t lead = bytes[i], length, value;
    if (lead < 0x80) {
      i++;
      continue;
    }
    length = lead >= 0xF0 && lead < 0xF8 ? 4 : lead >= 0xE0 && lead < 0xF0 ? 3 : lead >= 0xC0 && lead < 0xE0 ? 2 : 0;
    if (!length || size - i < length) return 0;
    value = lead & (0x7Fu >> length);
    for (uint32_t k = 1; k < length; k++) {
      if ((bytes[i + k] & 0xC0) != 0x80) return 0;
      value = value << 6 | (bytes[i + k] & 0x3Fu);
    }
    if (value < SMALLEST[length] || value > 0x10FFFF) return 0;
    i += length;
  }
  return 1;
}

int pickle_text_to_latin1(const uint8_t *text, uint64_t size, uint8_t *bytes, uint64_t *n) {
  uint64_t made = 0;
  for (uint64_t i = 0; i < size; i++) {
    uint32_t byte = text[i];
    if (byte >= 0x80) {
      if (byte > 0xC3 || i + 1 == size) return 0;
      byte = (byte & 3u) << 6 | (text[++i] & 0x3Fu);
    }
    bytes[made++] = (uint8_t)byte;
  }
  *n = made;
  return 1;
}

static int digit_of(uint8_t c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : 16;
}

/* `count` digits in base 16 or 8 at text[*i]; *i moves behind them. */
static int read_digits(const uint8_t *text, uint64_t size, uint64_t *i, uint32_t count, uint32_t base,
                       uint32_t *value) {
  *value = 0;
  for (uint32_t k = 0; k < count; k++, (*i)++) {
    uint32_t digit = *i < size ? (uint32_t)digit_of(text[*i]) : 16;
    if (digit >= base) return base == 8 && k > 0; /* octal escapes have one to three digits */
    *value = *value * base + digit;
  }
  return 1;
}

int pickle_text_unquote(const uint8_t *text, uint64_t size, uint8_t *bytes, uint64_t *n) {
  static const char ESCAPES[] = "\\\\''\"\"a\ab\bf\fn\nr\rt\tv\v";
  uint64_t made = 0, end = size - 1;
  if (size < 2 || (text[0] != '\'' && text[0] != '"') || text[end] != text[0]) return 0;
  for (uint64_t i = 1; i < end;) {
    uint32_t value = text[i++];
    if (value == text[0]) return 0;
    if (value != '\\') {
      bytes[made++] = (uint8_t)value;
      continue;
    }
    if (i == end) return 0;
    uint8_t kind = text[i];
    const char *escape = ESCAPES;
    while (*escape && (uint8_t)*escape != kind) escape += 2;
    if (kind && *escape) value = (uint8_t)escape[1], i++;
    else if (kind == 'x' && i++ && !read_digits(text, end, &i, 2, 16, &value)) return 0;
    else if (kind != 'x' && !read_digits(text, end, &i, 3, 8, &value)) return 0;
    if (value > 0xFF) return 0;
    bytes[made++] = (uint8_t)value;
  }
  *n = made;
  return 1;
}

static uint64_t put_utf8(uint8_t *p, uint32_t value) {
  if (value < 0x80) return p[0] = (uint8_t)value, 1;
  if (value < 0x800) return p[0] = (uint8_t)(0xC0 | value >> 6), p[1] = (uint8_t)(0x80 | (value & 0x3F)), 2;
  uint64_t lead = value < 0x10000 ? 0 : 1;
  if (lead) *p++ = (uint8_t)(0xF0 | value >> 18);
  p[0] = (uint8_t)(lead ? 0x80 | (value >> 12 & 0x3F) : 0xE0 | value >> 12);
  p[1] = (uint8_t)(0x80 | (value >> 6 & 0x3F));
  p[2] = (uint8_t)(0x80 | (value & 0x3F));
  return lead + 3;
}

int pickle_text_unescape(const uint8_t *text, uint64_t size, uint8_t *utf8, uint64_t *n) {
  uint64_t made = 0, backslashes = 0;
  for (uint64_t i = 0; i < size;) {
    uint32_t value = text[i++];
    backslashes = value == '\\' ? backslashes + 1 : 0;
    /* only after an odd number of backslashes does u start an escape */
    if (backslashes % 2 == 1 && i < size && (text[i] == 'u' || text[i] == 'U')) {
      uint32_t count = text[i++] == 'u' ? 4 : 8;
      if (!read_digits(text, size, &i, count, 16, &value) || value > 0x10FFFF) return 0;
      backslashes = 0;
    }
    made += put_utf8(utf8 + made, value);
  }
  *n = made;
  return 1;
}

uint64_t pickle_text_shortest(const uint8_t *bytes, uint64_t size) {
  while (size > 1 &&
         ((bytes[size - 1] == 0 && bytes[size - 2] < 0x80) || (bytes[size - 1] == 0xFF && bytes[size - 2] >= 0x80)))
    size--;
  return size;
}

int pickle_text_to_integer(const uint8_t *text, uint64_t size, uint8_t *bytes, uint64_t *n) {
  enum { CHUNK = 9, LIMBS = PICKLE_DECIMAL_BYTES / 4 };
  uint32_t limbs[LIMBS] = {0}, used = 1;
  int negative = size > 0 && text[0] == '-';
  const uint8_t *digit = text + negative, *end = text + size;
  if (digit == end || size > PICKLE_LONGEST_DECIMAL || (end - digit > 1 && *digit == '0')) return 0;
  while (digit < end) {
    uint64_t carry = 0, scale = 1;
    for (uint32_t i = 0; i < CHUNK && digit < end; i++, scale *= 10) {
      if (*digit < '0' || *digit > '9') return 0;
      carry = carry * 10 + *digit++ - '0';
    }
    for (uint32_t i = 0; i < used; i++, carry >>= 32) limbs[i] = (uint32_t)(carry += limbs[i] * scale);
    if (carry) limbs[used++] = (uint32_t)carry;
  }
  uint64_t carry = 1;
  if (negative)
    for (uint32_t i = 0; i < LIMBS; i++, carry >>= 32) limbs[i] = (uint32_t)(carry += ~limbs[i]);
  for (uint32_t i = 0; i < LIMBS; i++) canon_store_le32(bytes + 4 * i, limbs[i]);
  *n = pickle_text_shortest(bytes, PICKLE_DECIMAL_BYTES);
  return 1;
}

int pickle_text_to_float(const uint8_t *text, uint64_t size, double *result) {
  char digits[64]; /* the longest that repr() gives has 24 characters */
  if (size == 0 || size >= sizeof digits) return 0;
  memcpy(digits, text, size);
  digits[size] = 0;
  const char *word = digits + (digits[0] == '-');
  if (strcmp(word, "inf") != 0 && strcmp(word, "nan") != 0 && strspn(digits, "0123456789+-.e") != size) return 0;
  locale_t plain = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
  if (!plain) return 0;
  char *end;
  *result = strtod_l(digits, &end, plain);
  freelocale(plain);
  return end == digits + size;
}
