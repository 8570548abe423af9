/* SPDX-License-Identifier: MIT
 * zip.c: reads the directory and every local header, and lets nothing pass in which the two disagree.
 *
 *   local header (30) | name | extra | data | [descriptor] | ... | directory | end (zip_end.c)
 *
 * Members are sorted by place: each must end before the next one starts, and the first starts at byte 0. */
#include "formats/common/zip.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "formats/common/zip_end.h"
#include "formats/common/zip_header.h"

enum { NEAR = 64 << 10, FAR = 1024 };

/* The bytes last read, so that neighbouring headers come with one read. */
typedef struct window {
  uint8_t *bytes;
  uint64_t offset, size, capacity;
} window;

/* `need` bytes of the source from offset, more of them where the last read was near by. */
static int32_t window_read(canon_job *job, const zip_index *zip, window *seen, uint64_t offset, uint64_t need,
                           const uint8_t **bytes) {
  if (offset < seen->offset || offset + need > seen->offset + seen->size) {
    uint64_t size = seen->size && offset - seen->offset < NEAR + FAR ? NEAR : FAR;
    if (size < need) size = need;
    if (size > zip->directory_offset - offset) size = zip->directory_offset - offset;
    if (size > seen->capacity) {
      canon_free(job, seen->bytes);
      seen->capacity = size < NEAR ? NEAR : size;
      seen->bytes = canon_alloc(job, seen->capacity);
      if (!seen->bytes) return canon_failed(job);
    }
    int32_t code = job->host->source_read(job, zip->source, offset, seen->bytes, size);
    if (code) return code;
    seen->offset = offset;
    seen->size = size;
  }
  *bytes = seen->bytes + (offset - seen->offset);
  return CANON_OK;
}

/* Sizes and CRC-32 after the data, in 32 or 64 bits, with or without a signature: one of the four must say what the
 * directory says. */
static int32_t check_descriptor(canon_job *job, const zip_member *member, const uint8_t *bytes, uint64_t room) {
  for (uint32_t form = 0; form < 4; form++) {
    uint32_t wide = form & 1, marked = !(form & 2), length = (marked ? 4 : 0) + 4 + (wide ? 16 : 8);
    if (room < length || (marked && canon_load_le32(bytes) != 0x08074B50)) continue;
    const uint8_t *p = bytes + (marked ? 4 : 0);
    uint64_t packed = wide ? canon_load_le64(p + 4) : canon_load_le32(p + 4),
             whole = wide ? canon_load_le64(p + 12) : canon_load_le32(p + 8);
    if (canon_load_le32(p) == member->crc32 && packed == member->packed && whole == member->size) return CANON_OK;
  }
  return canon_fail(job, CANON_E_MALFORMED, member->data + member->packed,
                    "record %.*s: no data descriptor says what the directory says, CRC-32 %08" PRIx32 ", %" PRIu64
                    " of %" PRIu64 " bytes",
                    ZIP_NAME(member), member->crc32, member->packed, member->size);
}

/* Checks what lies around the data and finds it. limit: where the next member starts. */
static int32_t check_local(canon_job *job, const zip_index *zip, window *seen, zip_member *member, uint64_t limit) {
  const uint8_t *bytes;
  uint64_t room = limit - member->header, length = ZIP_LOCAL_SIZE;
  if (room < length)
    return canon_fail(job, CANON_E_MALFORMED, member->header,
                      "record %.*s: %" PRIu64 " bytes until byte %" PRIu64 ", too few for its header", ZIP_NAME(member),
                      room, limit);
  int32_t code = window_read(job, zip, seen, member->header, length, &bytes);
  if (code) return code;
  length += (uint64_t)canon_load_le16(bytes + 26) + canon_load_le16(bytes + 28);
  if (room < length || room - length < member->packed)
    return canon_fail(job, CANON_E_MALFORMED, member->header,
                      "record %.*s: %" PRIu64 " bytes of header and %" PRIu64 " of data reach over byte %" PRIu64
                      ", where something else starts",
                      ZIP_NAME(member), length, member->packed, limit);
  code = window_read(job, zip, seen, member->header, length, &bytes);
  if (!code) code = zip_local_check(job, member, bytes);
  if (code) return code;
  member->data = member->header + length;
  if (!(member->flags & ZIP_FLAG_DESCRIPTOR)) return CANON_OK;
  room -= length + member->packed;
  if (room > ZIP_LONGEST_DESCRIPTOR) room = ZIP_LONGEST_DESCRIPTOR;
  code = window_read(job, zip, seen, member->data + member->packed, room, &bytes);
  return code ? code : check_descriptor(job, member, bytes, room);
}

static int compare_places(const void *a, const void *b) {
  const zip_member *left = *(zip_member *const *)a, *right = *(zip_member *const *)b;
  return left->header < right->header ? -1 : left->header > right->header;
}

static int32_t check_places(canon_job *job, zip_index *zip, zip_member **by_place) {
  window seen = {0};
  int32_t code = CANON_OK;
  for (uint64_t i = 0; i < zip->n_members; i++) by_place[i] = &zip->members[i];
  qsort(by_place, zip->n_members, sizeof *by_place, compare_places);
  if (zip->n_members && by_place[0]->header)
    return canon_fail(job, CANON_E_MALFORMED, 0, "%" PRIu64 " bytes lie before the first record; remove them",
                      by_place[0]->header);
  for (uint64_t i = 0; i < zip->n_members && !code; i++) {
    zip_member *member = by_place[i], *next = i + 1 < zip->n_members ? by_place[i + 1] : NULL;
    uint64_t limit = next ? next->header : zip->directory_offset;
    if (next && next->header == member->header)
      code = canon_fail(job, CANON_E_MALFORMED, member->header, "records %.*s and %.*s share one local header",
                        ZIP_NAME(member), ZIP_NAME(next));
    else if (limit > zip->directory_offset)
      code = canon_fail(job, CANON_E_MALFORMED, limit, "record %.*s starts behind the directory", ZIP_NAME(next));
    else code = check_local(job, zip, &seen, member, limit);
  }
  canon_free(job, seen.bytes);
  return code;
}

static int compare_text(const char *a, uint64_t a_size, const char *b, uint64_t b_size) {
  int order = memcmp(a, b, a_size < b_size ? a_size : b_size);
  return order ? order : a_size < b_size ? -1 : a_size > b_size;
}

static int compare_names(const void *a, const void *b) {
  const zip_member *left = *(zip_member *const *)a, *right = *(zip_member *const *)b;
  return compare_text(left->name, left->name_size, right->name, right->name_size);
}

static int32_t sort_names(canon_job *job, zip_index *zip) {
  zip->by_name = canon_alloc(job, (zip->n_members + 1) * sizeof *zip->by_name);
  if (!zip->by_name) return canon_failed(job);
  for (uint64_t i = 0; i < zip->n_members; i++) zip->by_name[i] = &zip->members[i];
  qsort(zip->by_name, zip->n_members, sizeof *zip->by_name, compare_names);
  for (uint64_t i = 1; i < zip->n_members; i++) {
    const zip_member *member = zip->by_name[i], *before = zip->by_name[i - 1];
    if (compare_names(&member, &before) == 0)
      return canon_fail(job, CANON_E_MALFORMED, member->header,
                        "two records are called %.*s, the other at byte %" PRIu64 ": readers would take different ones",
                        ZIP_NAME(member), before->header);
  }
  return CANON_OK;
}

static int32_t read_directory(canon_job *job, zip_index *zip, const zip_end *end) {
  uint64_t used = 0;
  if (end->entries > end->directory_size / ZIP_CENTRAL_SIZE)
    return canon_fail(job, CANON_E_MALFORMED, end->record,
                      "%" PRIu64 " records cannot lie in a directory of %" PRIu64 " bytes", end->entries,
                      end->directory_size);
  zip->directory_offset = end->directory;
  zip->n_members = end->entries;
  zip->trailing = end->trailing;
  zip->directory = canon_alloc(job, end->directory_size + 1);
  zip->members = zip->directory ? canon_alloc(job, (end->entries + 1) * sizeof *zip->members) : NULL;
  if (!zip->members) return canon_failed(job);
  int32_t code = job->host->source_read(job, zip->source, end->directory, zip->directory, end->directory_size);
  for (uint64_t i = 0; i < end->entries && !code; i++) {
    uint64_t length = 0;
    code = zip_central_read(job, zip->directory + used, end->directory_size - used, end->directory + used,
                            &zip->members[i], &length);
    used += length;
  }
  if (!code && used != end->directory_size)
    return canon_fail(job, CANON_E_MALFORMED, end->directory + used,
                      "the directory's %" PRIu64 " records take %" PRIu64 " bytes, the end record says %" PRIu64,
                      end->entries, used, end->directory_size);
  return code;
}

int32_t zip_index_open(canon_job *job, const canon_source *source, zip_index *zip) {
  zip_end end = {0};
  zip->source = source;
  int32_t code = zip_end_find(job, source, &end);
  if (!code) code = read_directory(job, zip, &end);
  if (!code) code = sort_names(job, zip);
  if (code) return code;
  zip_member **by_place = canon_alloc(job, (zip->n_members + 1) * sizeof *by_place);
  if (!by_place) return canon_failed(job);
  code = check_places(job, zip, by_place);
  canon_free(job, by_place);
  return code;
}

void zip_index_close(canon_job *job, zip_index *zip) {
  canon_free(job, zip->members);
  canon_free(job, zip->by_name);
  canon_free(job, zip->directory);
  *zip = (zip_index){0};
}

const zip_member *zip_index_find(const zip_index *zip, const char *name, uint64_t name_size) {
  uint64_t low = 0, high = zip->n_members;
  while (low < high) {
    uint64_t middle = low + (high - low) / 2;
    const zip_member *member = zip->by_name[middle];
    int order = compare_text(member->name, member->name_size, name, name_size);
    if (order == 0) return member;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return NULL;
}

const char *zip_name_problem(const char *name, uint64_t name_size) {
  uint64_t start = 0;
  if (name[0] == '/') return "is an absolute path";
  for (uint64_t i = 0; i <= name_size; i++) {
    if (i < name_size && name[i] == '\\') return "holds a backslash";
    if (i < name_size && ((uint8_t)name[i] < 0x20 || name[i] == 0x7F)) return "holds a control character";
    if (i < name_size && name[i] != '/') continue;
    if (i - start == 2 && memcmp(name + start, "..", 2) == 0) return "leads out of its folder";
    start = i + 1;
  }
  return NULL;
}
