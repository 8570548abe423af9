/* SPDX-License-Identifier: MIT
 * craft.h: zip archives put together field by field, so that a test can lie in any of them. Independent of the writer
 * under test. Used by the tests of formats/common and formats/pt. */
#ifndef CANON_TESTS_CRAFT_H
#define CANON_TESTS_CRAFT_H

#include <stdint.h>
#include <string.h>
#include <zlib.h>

typedef struct craft {
  uint8_t bytes[1 << 16];
  size_t size;
} craft;

/* One member as both headers tell it. */
typedef struct craft_member {
  const char *name;
  const void *data;
  uint32_t packed, size, crc32;
  uint16_t flags, method;
  const void *extra; /* of the local header */
  uint16_t extra_size;
  uint32_t header; /* where craft_local put it */
} craft_member;

static inline void craft_bytes(craft *out, const void *bytes, size_t n) {
  if (n) memcpy(out->bytes + out->size, bytes, n);
  out->size += n;
}

static inline void craft_number(craft *out, uint64_t value, int width) {
  for (int i = 0; i < width; i++) out->bytes[out->size++] = i < 8 ? (uint8_t)(value >> 8 * i) : 0;
}

/* A stored member that tells the truth. */
static inline craft_member craft_stored(const char *name, const void *data, size_t size) {
  return (craft_member){.name = name,
                        .data = data,
                        .packed = (uint32_t)size,
                        .size = (uint32_t)size,
                        .crc32 = (uint32_t)crc32(0, data, (uInt)size)};
}

/* From "version needed" to the name's length. */
static inline void craft_common(craft *out, const craft_member *m, uint32_t crc, uint32_t packed, uint32_t size) {
  craft_number(out, 20, 2);
  craft_number(out, m->flags, 2);
  craft_number(out, m->method, 2);
  craft_number(out, 0x00210000, 4);
  craft_number(out, crc, 4);
  craft_number(out, packed, 4);
  craft_number(out, size, 4);
  craft_number(out, strlen(m->name), 2);
}

/* Header and data. With a descriptor flag the header's own numbers are 0, as streaming writers leave them. */
static inline void craft_local(craft *out, craft_member *m) {
  int streamed = m->flags & 8;
  m->header = (uint32_t)out->size;
  craft_number(out, 0x04034B50, 4);
  craft_common(out, m, streamed ? 0 : m->crc32, streamed ? 0 : m->packed, streamed ? 0 : m->size);
  craft_number(out, m->extra_size, 2);
  craft_bytes(out, m->name, strlen(m->name));
  craft_bytes(out, m->extra, m->extra_size);
  craft_bytes(out, m->data, m->packed);
}

static inline void craft_central(craft *out, const craft_member *m) {
  craft_number(out, 0x02014B50, 4);
  craft_number(out, 20, 2);
  craft_common(out, m, m->crc32, m->packed, m->size);
  craft_number(out, 0, 12);
  craft_number(out, m->header, 4);
  craft_bytes(out, m->name, strlen(m->name));
}

static inline void craft_end(craft *out, uint32_t n, size_t directory, const char *comment) {
  size_t size = out->size - directory;
  craft_number(out, 0x06054B50, 4);
  craft_number(out, 0, 4);
  craft_number(out, n, 2);
  craft_number(out, n, 2);
  craft_number(out, size, 4);
  craft_number(out, directory, 4);
  craft_number(out, strlen(comment), 2);
  craft_bytes(out, comment, strlen(comment));
}

/* All members, directory and end. */
static inline void craft_archive(craft *out, craft_member *members, uint32_t n) {
  out->size = 0;
  for (uint32_t i = 0; i < n; i++) craft_local(out, &members[i]);
  size_t directory = out->size;
  for (uint32_t i = 0; i < n; i++) craft_central(out, &members[i]);
  craft_end(out, n, directory, "");
}

#endif
