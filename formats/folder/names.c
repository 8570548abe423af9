/* SPDX-License-Identifier: MIT
 * names.c: names of files as keys, and keys as names of files. */
#include <string.h>

#include "formats/folder/folder.h"

/* Bytes of the character at text, 0 if it is none. */
static uint64_t character(const uint8_t *text, uint64_t size) {
  static const uint32_t LEAST[] = {0, 0, 0x80, 0x800, 0x10000};
  uint32_t lead = text[0], value;
  uint64_t n = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
  if (n < 2) return n;
  if (n > size) return 0;
  value = lead & (0x7Fu >> n);
  for (uint64_t i = 1; i < n; i++) {
    if ((text[i] & 0xC0) != 0x80) return 0;
    value = value << 6 | (text[i] & 0x3F);
  }
  return value < LEAST[n] || value > 0x10FFFF ? 0 : n;
}

int folder_is_utf8(const char *text, uint64_t size) {
  const uint8_t *bytes = (const uint8_t *)text;
  for (uint64_t at = 0, n; at < size; at += n)
    if (!(n = character(bytes + at, size - at))) return 0;
  return 1;
}

uint32_t folder_shared_depth(const char *a, const char *b) {
  uint32_t depth = 0;
  for (; *a && *a == *b; a++, b++) depth += *a == '/';
  return depth;
}

const char *folder_name_problem(const canon_node *node) {
  const char *name = node->key;
  uint64_t n = node->key_size;
  if (node->key_kind != CANON_KEY_STR && node->key_kind != CANON_KEY_BYTES) return "is no text";
  if (n == 0) return "is empty";
  if (n > FOLDER_NAME_BYTES) return "is longer than the 255 bytes of a file's name";
  if (memchr(name, '/', n)) return "has a / in it";
  if (memchr(name, 0, n)) return "has a NUL in it";
  if (name[0] == '.' && (n == 1 || (n == 2 && name[1] == '.'))) return "means another folder";
  if (node->key_kind == CANON_KEY_BYTES && folder_is_utf8(name, n)) return "is bytes, but would come back as text";
  return NULL;
}

static unsigned fold(char c) { return c >= 'A' && c <= 'Z' ? (unsigned)(c - 'A' + 'a') : (unsigned char)c; }

int folder_path_compare(const char *a, const char *b) {
  for (; *a && fold(*a) == fold(*b); a++, b++) continue;
  return (int)fold(*a) - (int)fold(*b);
}
