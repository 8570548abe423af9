/* SPDX-License-Identifier: MIT
 * integer.c: see integer.h. Decimal goes through 32-bit limbs and 10^9, nine digits a step. */
#include "core/base/integer.h"

#include <stdio.h>
#include <string.h>

enum {
  LIMBS = INTEGER_DECIMAL_BYTES / 4 + 2,      /* room for the step that finds a number too long */
  DIGITS = INTEGER_DECIMAL_BYTES * 8 / 3 + 16 /* a digit takes more than three bits */
};
static const uint32_t billion = 1000000000;

/* The absolute value, byte by byte: -x is ~x + 1, and the 1 is carried through the zeros at the low end. */
struct magnitude {
  const uint8_t *bytes;
  size_t n;
  size_t zeros; /* bytes at the low end that are 0 */
  int negative;
};

static struct magnitude magnitude_of(const void *bytes, size_t n) {
  const uint8_t *s = bytes;
  struct magnitude m = {s, integer_shortest(s, n), 0, n && s[n - 1] & 0x80};
  while (m.zeros < m.n && s[m.zeros] == 0) m.zeros++;
  return m;
}

static uint8_t magnitude_byte(const struct magnitude *m, size_t i) {
  if (!m->negative || i < m->zeros) return m->bytes[i];
  return (uint8_t)(i == m->zeros ? -m->bytes[i] : ~m->bytes[i]);
}

static void add_hex(struct text *text, const struct magnitude *m) {
  text_string(text, m->negative ? "-0x" : "0x");
  size_t top = m->n - 1;
  if (magnitude_byte(m, top) == 0) top--;
  text_printf(text, "%x", magnitude_byte(m, top));
  while (top--) {
    uint8_t byte = magnitude_byte(m, top);
    text_hex(text, &byte, 1);
  }
}

/* limbs /= 10^9; the remainder. *n limbs, fewer when the top ones become 0. */
static uint32_t divide(uint32_t *limbs, size_t *n) {
  uint64_t rest = 0;
  for (size_t i = *n; i--;) {
    rest = rest << 32 | limbs[i];
    limbs[i] = (uint32_t)(rest / billion);
    rest %= billion;
  }
  while (*n && limbs[*n - 1] == 0) --*n;
  return (uint32_t)rest;
}

void integer_text(struct text *text, const void *bytes, size_t n) {
  struct magnitude m = magnitude_of(bytes, n);
  if (m.n > INTEGER_DECIMAL_BYTES) {
    add_hex(text, &m);
    return;
  }
  uint32_t limbs[LIMBS] = {0};
  for (size_t i = 0; i < m.n; i++) limbs[i / 4] |= (uint32_t)magnitude_byte(&m, i) << i % 4 * 8;
  char digits[DIGITS];
  char *first = digits + sizeof digits;
  size_t left = (m.n + 3) / 4;
  do {
    uint32_t nine = divide(limbs, &left);
    for (int i = 0; i == 0 || nine || (left && i < 9); i++, nine /= 10) *--first = (char)('0' + nine % 10);
  } while (left);
  if (m.negative) *--first = '-';
  text_add(text, first, (size_t)(digits + sizeof digits - first));
}

/* limbs = limbs * factor + digits; 0 when they no longer fit. */
static int accumulate(uint32_t *limbs, size_t *n, uint32_t factor, uint32_t digits) {
  uint64_t carry = digits;
  for (size_t i = 0; i < *n; i++) {
    carry += (uint64_t)limbs[i] * factor;
    limbs[i] = (uint32_t)carry;
    carry >>= 32;
  }
  if (carry && *n == LIMBS) return 0;
  if (carry) limbs[(*n)++] = (uint32_t)carry;
  return 1;
}

int integer_parse(struct text *result, const char *decimal, size_t n) {
  int negative = n && decimal[0] == '-';
  const char *end = decimal + n;
  const char *s = decimal + negative;
  if (s == end) return 0;
  uint32_t limbs[LIMBS] = {0};
  size_t used = 0;
  while (s < end) {
    uint32_t factor = 1, digits = 0;
    for (; s < end && factor < billion; s++, factor *= 10) {
      if (*s < '0' || *s > '9') return 0;
      digits = digits * 10 + (uint32_t)(*s - '0');
    }
    if (!accumulate(limbs, &used, factor, digits)) return 0;
  }
  uint8_t bytes[LIMBS * 4 + 1] = {0}; /* the last one is the sign's */
  unsigned carry = (unsigned)negative;
  for (size_t i = 0; i < sizeof bytes; i++) {
    unsigned byte = i < used * 4 ? limbs[i / 4] >> i % 4 * 8 & 0xff : 0;
    byte = (negative ? ~byte & 0xff : byte) + carry;
    bytes[i] = (uint8_t)byte;
    carry = byte >> 8;
  }
  size_t size = integer_shortest(bytes, sizeof bytes);
  if (size > INTEGER_DECIMAL_BYTES) return 0;
  text_add(result, bytes, size);
  return 1;
}

size_t integer_shortest(const void *bytes, size_t n) {
  const uint8_t *s = bytes;
  while (n > 1 && s[n - 1] == (s[n - 2] & 0x80 ? 0xff : 0)) n--;
  return n;
}

int integer_compare(const void *a, size_t a_bytes, const void *b, size_t b_bytes) {
  const uint8_t *x = a, *y = b;
  size_t m = integer_shortest(a, a_bytes), n = integer_shortest(b, b_bytes);
  int x_negative = m && x[m - 1] & 0x80, y_negative = n && y[n - 1] & 0x80;
  if (x_negative != y_negative) return y_negative - x_negative;
  if (m != n) return (m < n) != x_negative ? -1 : 1;
  for (size_t i = m; i--;)
    if (x[i] != y[i]) return x[i] < y[i] ? -1 : 1;
  return 0;
}

int integer_small(const void *bytes, size_t n, int64_t *value) {
  const uint8_t *s = bytes;
  n = integer_shortest(bytes, n);
  if (n > sizeof *value) return 0;
  uint64_t bits = n && s[n - 1] & 0x80 ? UINT64_MAX : 0;
  for (size_t i = n; i--;) bits = bits << 8 | s[i];
  memcpy(value, &bits, sizeof bits);
  return 1;
}
