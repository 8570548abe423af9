/* SPDX-License-Identifier: MIT
 * text.c: see text.h. */
#include "formats/common/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Bytes of the character that begins with `lead`, and the bounds of its second byte (Unicode, table 3-7); 0: none. */
static uint32_t character_bytes(uint8_t lead, uint8_t *least, uint8_t *most) {
  *least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  *most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (lead < 0x80) return 1;
  return lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
}

uint64_t text_utf8_prefix(const uint8_t *text, uint64_t size, int is_piece) {
  uint64_t at = 0;
  while (at < size) {
    uint8_t least, most;
    uint32_t bytes = character_bytes(text[at], &least, &most), k = 1;
    if (!bytes) return at;
    for (; k < bytes && at + k < size; k++, least = 0x80, most = 0xBF)
      if (text[at + k] < least || text[at + k] > most) return at;
    if (k < bytes) return is_piece ? size : at;
    at += bytes;
  }
  return size;
}

/* As in a JSON Pointer. */
static uint64_t escaped_bytes(const char *key, uint64_t size) {
  uint64_t bytes = size;
  for (uint64_t i = 0; i < size && bytes < TEXT_PLACE_BYTES; i++) bytes += key[i] == '/' || key[i] == '~';
  return bytes;
}

const char *text_place(const canon_manifest *manifest, uint64_t node, char text[TEXT_PLACE_BYTES]) {
  uint64_t at = TEXT_PLACE_BYTES - 1;
  text[at] = '\0';
  for (; node; node = canon_manifest_node(manifest, node)->parent) {
    const canon_node *self = canon_manifest_node(manifest, node);
    char number[24] = "?";
    const char *key = number;
    uint64_t size = 1, place = 0;
    if (self->key_kind == CANON_KEY_STR || self->key_kind == CANON_KEY_TUPLE) {
      key = self->key;
      size = self->key_size;
    } else if (self->key_kind == CANON_KEY_INDEX) {
      for (uint64_t k = self->parent + 1; k < node; k++)
        place += canon_manifest_node(manifest, k)->parent == self->parent;
      size = (uint64_t)snprintf(number, sizeof number, "%" PRIu64, place);
    }
    if (escaped_bytes(key, size) + 5 > at) return memcpy(text + at - 3, "...", 3);
    while (size-- > 0) {
      int is_escaped = key[size] == '/' || key[size] == '~';
      text[--at] = key[size] == '/' ? '1' : key[size] == '~' ? '0' : key[size];
      if (is_escaped) text[--at] = '~';
    }
    text[--at] = '/';
  }
  return text[at] ? text + at : "the root";
}
