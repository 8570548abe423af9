/* SPDX-License-Identifier: MIT
 * zip_header.c: what a member is, said twice: in the directory and before its data. Extra fields can say it a third
 * time (ZIP64 sizes, a Unicode name); whatever they say must be the same. */
#include "formats/common/zip_header.h"

#include <inttypes.h>
#include <string.h>

#include <libdeflate.h>

enum { EXTRA_ZIP64 = 0x0001, EXTRA_UNICODE_PATH = 0x7075, DEFLATE_RATIO = 1032 /* the best that deflate can do */ };
enum { FLAG_ENCRYPTED = 0x0001, FLAG_PATCHED = 0x0020, FLAG_STRONG = 0x0040, FLAG_MASKED = 0x2000 };
enum { FLAGS_KNOWN = 0x0002 | 0x0004 | ZIP_FLAG_DESCRIPTOR | ZIP_FLAG_UTF8 }; /* bits 1, 2: how hard deflate tried */

/* A ZIP64 extra field: numbers of 64 bits. */
typedef struct zip64 {
  const uint8_t *bytes; /* NULL: there is none */
  uint32_t size;
} zip64;

/* In the directory the field holds those of the numbers that are all ones there, in this order: size, packed, header;
 * some writers repeat all of them. n numbers; 0: field and numbers do not fit each other. */
static int widen(const zip64 *field, uint64_t *numbers, uint32_t n) {
  uint32_t masked = 0, used = 0;
  for (uint32_t i = 0; i < n; i++) masked += numbers[i] == 0xFFFFFFFF;
  if (!field->bytes) return 1; /* then they mean what they say */
  int repeated = field->size != masked * 8 && (field->size == 16 || field->size == 24 || field->size == 28);
  if (field->size != masked * 8 && field->size != masked * 8 + 4 && !repeated) return 0;
  for (uint32_t i = 0; i < n && (used + 1) * 8 <= field->size; i++) {
    if (numbers[i] != 0xFFFFFFFF && !repeated) continue;
    uint64_t wide = canon_load_le64(field->bytes + used++ * 8);
    if (numbers[i] != 0xFFFFFFFF && numbers[i] != wide) return 0;
    numbers[i] = wide;
  }
  return field->size % 8 == 0 || canon_load_le32(field->bytes + field->size - 4) == 0; /* the disk */
}

static int same_name(const zip_member *member, const uint8_t *field, uint32_t size) {
  return size == 5 + member->name_size && field[0] == 1 &&
         canon_load_le32(field + 1) == libdeflate_crc32(0, member->name, member->name_size) &&
         memcmp(field + 5, member->name, member->name_size) == 0;
}

/* Walks the extra fields at bytes. */
static int32_t read_extra(canon_job *job, const zip_member *member, const uint8_t *bytes, uint32_t size,
                          uint64_t offset, zip64 *field) {
  uint32_t at = 0;
  *field = (zip64){NULL, 0};
  while (size - at >= 4) {
    uint32_t id = canon_load_le16(bytes + at), length = canon_load_le16(bytes + at + 2);
    if (length > size - at - 4)
      return canon_fail(job, CANON_E_MALFORMED, offset + at,
                        "record %.*s: an extra field of %" PRIu32 " bytes, %" PRIu32 " are left", ZIP_NAME(member),
                        length, size - at - 4);
    if (id == EXTRA_UNICODE_PATH && !same_name(member, bytes + at + 4, length))
      return canon_fail(job, CANON_E_MALFORMED, offset + at, "record %.*s has a second, different name",
                        ZIP_NAME(member));
    if (id == EXTRA_ZIP64) {
      if (field->bytes)
        return canon_fail(job, CANON_E_MALFORMED, offset + at, "record %.*s has ZIP64 sizes twice", ZIP_NAME(member));
      *field = (zip64){bytes + at + 4, length};
    }
    at += 4 + length;
  }
  for (; at < size; at++) /* up to three bytes that align the data */
    if (bytes[at])
      return canon_fail(job, CANON_E_MALFORMED, offset + at, "record %.*s: an extra field is cut short",
                        ZIP_NAME(member));
  return CANON_OK;
}

static int32_t check_member(canon_job *job, const zip_member *member, uint64_t offset) {
  if (member->name_size == 0) return canon_fail(job, CANON_E_MALFORMED, offset, "a record has no name");
  if (memchr(member->name, 0, member->name_size))
    return canon_fail(job, CANON_E_MALFORMED, offset, "record %.*s: its name holds a NUL", ZIP_NAME(member));
  if (member->flags & (FLAG_ENCRYPTED | FLAG_STRONG | FLAG_MASKED))
    return canon_fail(job, CANON_E_UNSUPPORTED, offset, "record %.*s is encrypted; decrypt the archive first",
                      ZIP_NAME(member));
  if (member->flags & ~(uint32_t)FLAGS_KNOWN)
    return canon_fail(job, CANON_E_UNSUPPORTED, offset,
                      "record %.*s: flags 0x%04x, of which 0x%04x mean nothing here%s", ZIP_NAME(member), member->flags,
                      member->flags & ~(uint32_t)FLAGS_KNOWN, member->flags & FLAG_PATCHED ? " (patched data)" : "");
  if (member->method != ZIP_STORED && member->method != ZIP_DEFLATED)
    return canon_fail(job, CANON_E_UNSUPPORTED, offset,
                      "record %.*s: compression method %u; re-zip it stored or deflated", ZIP_NAME(member),
                      member->method);
  if (member->method == ZIP_DEFLATED && member->size / DEFLATE_RATIO > member->packed)
    return canon_fail(job, CANON_E_MALFORMED, offset, "record %.*s: no %" PRIu64 " deflated bytes become %" PRIu64,
                      ZIP_NAME(member), member->packed, member->size);
  if (member->method == ZIP_STORED && member->packed != member->size)
    return canon_fail(job, CANON_E_MALFORMED, offset, "record %.*s is stored, %" PRIu64 " bytes from %" PRIu64,
                      ZIP_NAME(member), member->size, member->packed);
  if (member->name[member->name_size - 1] == '/' && member->size)
    return canon_fail(job, CANON_E_MALFORMED, offset, "record %.*s is a folder and has %" PRIu64 " bytes",
                      ZIP_NAME(member), member->size);
  return CANON_OK;
}

int32_t zip_central_read(canon_job *job, const uint8_t *bytes, uint64_t room, uint64_t offset, zip_member *member,
                         uint64_t *length) {
  if (room < ZIP_CENTRAL_SIZE || canon_load_le32(bytes) != 0x02014B50)
    return canon_fail(job, CANON_E_MALFORMED, offset, "the directory holds something that is no record");
  uint32_t name = canon_load_le16(bytes + 28), extra = canon_load_le16(bytes + 30),
           comment = canon_load_le16(bytes + 32);
  *length = (uint64_t)ZIP_CENTRAL_SIZE + name + extra + comment;
  if (*length > room)
    return canon_fail(job, CANON_E_MALFORMED, offset, "a directory record of %" PRIu64 " bytes, %" PRIu64 " are left",
                      *length, room);
  member->flags = canon_load_le16(bytes + 8);
  member->method = canon_load_le16(bytes + 10);
  member->time = canon_load_le16(bytes + 12);
  member->date = canon_load_le16(bytes + 14);
  member->crc32 = canon_load_le32(bytes + 16);
  member->name = (const char *)bytes + ZIP_CENTRAL_SIZE;
  member->name_size = name;
  zip64 field;
  uint64_t numbers[3] = {canon_load_le32(bytes + 24), canon_load_le32(bytes + 20), canon_load_le32(bytes + 42)};
  int32_t code =
      read_extra(job, member, bytes + ZIP_CENTRAL_SIZE + name, extra, offset + ZIP_CENTRAL_SIZE + name, &field);
  if (code) return code;
  if (!widen(&field, numbers, 3))
    return canon_fail(job, CANON_E_MALFORMED, offset,
                      "record %.*s: %" PRIu32 " bytes of ZIP64 sizes do not fit the sizes beside them",
                      ZIP_NAME(member), field.size);
  member->size = numbers[0];
  member->packed = numbers[1];
  member->header = numbers[2];
  if (canon_load_le16(bytes + 34) != 0 && canon_load_le16(bytes + 34) != 0xFFFF)
    return canon_fail(job, CANON_E_UNSUPPORTED, offset, "record %.*s lies on another disk; join the parts first",
                      ZIP_NAME(member));
  return check_member(job, member, offset);
}

/* A number of a local header: the directory's, or 0 where a descriptor behind the data has it. */
static int repeats(const zip_member *member, uint64_t local, uint64_t central) {
  return local == central || (local == 0 && member->flags & ZIP_FLAG_DESCRIPTOR);
}

/* Sizes of a local header. Writers agree less about its ZIP64 field (torch adds the header's own place, and leaves the
 * sizes beside the field 0): whatever number it holds must be one that the directory gives. */
static int repeats_sizes(const zip_member *member, uint64_t size, uint64_t packed, const zip64 *field) {
  uint32_t used = 0;
  for (uint32_t at = 0; at + 8 <= field->size; at += 8) {
    uint64_t wide = canon_load_le64(field->bytes + at);
    if (wide != member->header && !repeats(member, wide, member->size) && !repeats(member, wide, member->packed))
      return 0;
  }
  if (size == 0xFFFFFFFF && field->size >= 8) size = canon_load_le64(field->bytes + 8 * used++);
  if (packed == 0xFFFFFFFF && field->size >= 8 * (used + 1)) packed = canon_load_le64(field->bytes + 8 * used);
  return repeats(member, size, member->size) && repeats(member, packed, member->packed);
}

int32_t zip_local_check(canon_job *job, const zip_member *member, const uint8_t *bytes) {
  uint64_t at = member->header;
  uint32_t name = canon_load_le16(bytes + 26), extra = canon_load_le16(bytes + 28);
  if (canon_load_le32(bytes) != 0x04034B50)
    return canon_fail(job, CANON_E_MALFORMED, at, "record %.*s: no local header where the directory says",
                      ZIP_NAME(member));
  if (name != member->name_size || memcmp(bytes + ZIP_LOCAL_SIZE, member->name, name) != 0)
    return canon_fail(job, CANON_E_MALFORMED, at, "record %.*s calls itself '%.*s'", ZIP_NAME(member),
                      (int)(name < 80 ? name : 80), (const char *)bytes + ZIP_LOCAL_SIZE);
  if (canon_load_le16(bytes + 6) != member->flags)
    return canon_fail(job, CANON_E_MALFORMED, at, "record %.*s: flags 0x%04x, in the directory 0x%04x",
                      ZIP_NAME(member), canon_load_le16(bytes + 6), member->flags);
  if (canon_load_le16(bytes + 8) != member->method)
    return canon_fail(job, CANON_E_MALFORMED, at, "record %.*s: method %u, in the directory %u", ZIP_NAME(member),
                      canon_load_le16(bytes + 8), member->method);
  if (!repeats(member, canon_load_le32(bytes + 14), member->crc32))
    return canon_fail(job, CANON_E_MALFORMED, at, "record %.*s: CRC-32 %08" PRIx32 ", in the directory %08" PRIx32,
                      ZIP_NAME(member), canon_load_le32(bytes + 14), member->crc32);
  zip64 field;
  int32_t code = read_extra(job, member, bytes + ZIP_LOCAL_SIZE + name, extra, at + ZIP_LOCAL_SIZE + name, &field);
  if (code) return code;
  if (!repeats_sizes(member, canon_load_le32(bytes + 22), canon_load_le32(bytes + 18), &field))
    return canon_fail(job, CANON_E_MALFORMED, at,
                      "record %.*s: not the sizes of the directory, %" PRIu64 " bytes (%" PRIu64 " packed)",
                      ZIP_NAME(member), member->size, member->packed);
  return CANON_OK;
}
