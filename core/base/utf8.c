/* SPDX-License-Identifier: MIT
 * utf8.c: see utf8.h. */
#include "core/base/utf8.h"

static int is_tail(uint8_t byte) { return (byte & 0xc0) == 0x80; }

size_t utf8_next(const void *text, size_t n, uint32_t *code) {
  const uint8_t *s = text;
  if (n == 0) return 0;
  if (s[0] < 0x80) {
    *code = s[0];
    return 1;
  }
  size_t size = s[0] >= 0xc2 && s[0] <= 0xdf ? 2 : (s[0] & 0xf0) == 0xe0 ? 3 : s[0] >= 0xf0 && s[0] <= 0xf4 ? 4 : 0;
  if (size == 0 || size > n) return 0;
  uint32_t value = s[0] & (0x7fu >> size);
  for (size_t i = 1; i < size; i++) {
    if (!is_tail(s[i])) return 0;
    value = value << 6 | (s[i] & 0x3fu);
  }
  static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (value < smallest[size] || value > 0x10ffff) return 0;
  *code = value;
  return size;
}

int utf8_valid(const void *text, size_t n) {
  const uint8_t *s = text;
  for (size_t i = 0; i < n;) {
    uint32_t code;
    size_t size = utf8_next(s + i, n - i, &code);
    if (size == 0) return 0;
    i += size;
  }
  return 1;
}
