/* SPDX-License-Identifier: MIT
 * zip_write.c: stored members, no data descriptors, dated 1980-01-01 00:00 (the first date that MS-DOS has), ZIP64 only
 * where a number does not fit. The extra field that aligns data is the one that torch writes: id "FB", filled with Z.
 */
#include "formats/common/zip_write.h"

#include <inttypes.h>
#include <string.h>

enum {
  LOCAL_SIZE = 30,
  CENTRAL_SIZE = 46,
  FIELD_SIZE = 4, /* of an extra field without content */
  LOCAL_ZIP64 = 20,
  END_SIZES = 56 + 20 + 22,
  FIRST_DATE = 1 << 5 | 1,
  PADDING_ID = 0x4246,
  LARGEST_EXTRA = 65535,
};
#define FULL16 0xFFFFu
#define FULL32 0xFFFFFFFFu

/* Does the local header need sizes of 64 bits? */
static int is_wide(const zip_entry *entry) { return entry->size >= FULL32; }

static uint32_t min32(uint64_t value) { return value < FULL32 ? (uint32_t)value : FULL32; }

static uint16_t flags_of(const zip_entry *entry) {
  for (const char *p = entry->name; *p; p++)
    if ((uint8_t)*p >= 0x80) return 0x0800; /* UTF-8 */
  return 0;
}

int32_t zip_layout_add(canon_job *job, zip_layout *layout, const char *name, uint64_t size, uint64_t alignment,
                       uint64_t not_before) {
  uint64_t length = strlen(name), end;
  if (layout->n_entries == layout->capacity) {
    uint64_t capacity = layout->capacity ? layout->capacity * 2 : 16;
    zip_entry *larger = canon_resize(job, layout->entries, capacity * sizeof *larger);
    if (!larger) return canon_failed(job);
    layout->entries = larger;
    layout->capacity = capacity;
  }
  zip_entry entry = {.name = name, .size = size, .header = layout->end};
  uint64_t start = layout->end + LOCAL_SIZE + length + (is_wide(&entry) ? LOCAL_ZIP64 : 0);
  uint64_t wanted = start < not_before ? not_before : start;
  entry.data = (wanted + alignment - 1) / alignment * alignment;
  while (entry.data != start && entry.data - start < FIELD_SIZE) entry.data += alignment;
  if (length > FULL16 || entry.data - start > LARGEST_EXTRA - LOCAL_ZIP64 || !canon_add(entry.data, size, &end) ||
      end > INT64_MAX - 65536)
    return canon_fail(job, CANON_E_LIMIT, CANON_NONE, "record %.80s: a zip archive does not hold it", name);
  layout->entries[layout->n_entries++] = entry;
  layout->end = end;
  return CANON_OK;
}

/* The part that local header and directory share, from "version needed" to the name's length. */
static uint8_t *put_common(uint8_t *p, const zip_entry *entry, int wide) {
  p = canon_store_le16(p, wide ? 45 : 10);
  p = canon_store_le16(p, flags_of(entry));
  p = canon_store_le16(p, 0); /* stored */
  p = canon_store_le16(p, 0); /* time */
  p = canon_store_le16(p, FIRST_DATE);
  p = canon_store_le32(p, entry->crc32);
  p = canon_store_le32(p, is_wide(entry) ? FULL32 : (uint32_t)entry->size);
  p = canon_store_le32(p, is_wide(entry) ? FULL32 : (uint32_t)entry->size);
  return canon_store_le16(p, (uint16_t)strlen(entry->name));
}

static int32_t write_local(canon_job *job, const zip_entry *entry, canon_sink *sink) {
  uint64_t length = strlen(entry->name), extra = entry->data - entry->header - LOCAL_SIZE - length;
  uint8_t *header = canon_alloc(job, LOCAL_SIZE + length + extra), *p;
  if (!header) return canon_failed(job);
  p = canon_store_le32(header, 0x04034B50);
  p = put_common(p, entry, is_wide(entry));
  p = canon_store_le16(p, (uint16_t)extra);
  memcpy(p, entry->name, length);
  p += length;
  if (is_wide(entry)) {
    p = canon_store_le16(p, 1);
    p = canon_store_le16(p, 16);
    p = canon_store_le64(p, entry->size);
    p = canon_store_le64(p, entry->size);
    extra -= LOCAL_ZIP64;
  }
  if (extra) {
    p = canon_store_le16(p, PADDING_ID);
    p = canon_store_le16(p, (uint16_t)(extra - FIELD_SIZE));
    memset(p, 'Z', extra - FIELD_SIZE);
  }
  int32_t code = job->host->sink_write(job, sink, entry->header, header, entry->data - entry->header);
  canon_free(job, header);
  return code;
}

static uint8_t *put_central(uint8_t *p, const zip_entry *entry) {
  uint64_t length = strlen(entry->name),
           wide_numbers = (is_wide(entry) ? 2u : 0u) + (entry->header >= FULL32 ? 1u : 0u);
  p = canon_store_le32(p, 0x02014B50);
  p = canon_store_le16(p, wide_numbers ? 45 : 10); /* made by: MS-DOS, so that attributes mean nothing */
  p = put_common(p, entry, wide_numbers != 0);
  p = canon_store_le16(p, (uint16_t)(wide_numbers ? FIELD_SIZE + 8 * wide_numbers : 0));
  p = canon_store_le16(p, 0); /* comment */
  p = canon_store_le16(p, 0); /* disk */
  p = canon_store_le16(p, 0); /* internal attributes */
  p = canon_store_le32(p, 0); /* external attributes */
  p = canon_store_le32(p, min32(entry->header));
  memcpy(p, entry->name, length);
  p += length;
  if (!wide_numbers) return p;
  p = canon_store_le16(p, 1);
  p = canon_store_le16(p, (uint16_t)(8 * wide_numbers));
  if (is_wide(entry)) p = canon_store_le64(canon_store_le64(p, entry->size), entry->size);
  return entry->header >= FULL32 ? canon_store_le64(p, entry->header) : p;
}

static uint8_t *put_end(uint8_t *p, uint64_t n, uint64_t directory, uint64_t size) {
  if (n >= FULL16 || size >= FULL32 || directory >= FULL32) {
    p = canon_store_le32(p, 0x06064B50);
    p = canon_store_le64(p, 44);
    p = canon_store_le16(p, 45);
    p = canon_store_le16(p, 45);
    p = canon_store_le64(p, 0); /* disks */
    p = canon_store_le64(p, n);
    p = canon_store_le64(p, n);
    p = canon_store_le64(p, size);
    p = canon_store_le64(p, directory);
    p = canon_store_le32(p, 0x07064B50);
    p = canon_store_le32(p, 0);
    p = canon_store_le64(p, directory + size);
    p = canon_store_le32(p, 1);
  }
  p = canon_store_le32(p, 0x06054B50);
  p = canon_store_le32(p, 0); /* disks */
  p = canon_store_le16(p, n < FULL16 ? (uint16_t)n : FULL16);
  p = canon_store_le16(p, n < FULL16 ? (uint16_t)n : FULL16);
  p = canon_store_le32(p, min32(size));
  p = canon_store_le32(p, min32(directory));
  return canon_store_le16(p, 0); /* comment */
}

int32_t zip_layout_write(canon_job *job, const zip_layout *layout, canon_sink *sink) {
  uint64_t room = END_SIZES;
  int32_t code = CANON_OK;
  for (uint64_t i = 0; i < layout->n_entries && !code; i++) {
    room += CENTRAL_SIZE + strlen(layout->entries[i].name) + FIELD_SIZE + 24;
    code = write_local(job, &layout->entries[i], sink);
  }
  uint8_t *directory = code ? NULL : canon_alloc(job, room), *p = directory;
  if (!directory) return canon_failed(job);
  for (uint64_t i = 0; i < layout->n_entries; i++) p = put_central(p, &layout->entries[i]);
  p = put_end(p, layout->n_entries, layout->end, (uint64_t)(p - directory));
  code = job->host->sink_write(job, sink, layout->end, directory, (uint64_t)(p - directory));
  if (!code) code = job->host->sink_size(job, sink, layout->end + (uint64_t)(p - directory));
  canon_free(job, directory);
  return code;
}

void zip_layout_free(canon_job *job, zip_layout *layout) {
  canon_free(job, layout->entries);
  *layout = (zip_layout){0};
}
