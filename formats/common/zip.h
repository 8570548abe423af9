/* SPDX-License-Identifier: MIT
 * zip.h: a zip archive as canon reads it: one directory, checked against every local header, nothing taken on trust.
 * Two readers that disagree about an archive are how data gets swapped, so whatever could be read in two ways is
 * refused. Not a general unzip: no encryption, no split archives, methods stored and deflated only. Used by pt and npz.
 */
#ifndef CANON_FORMATS_ZIP_H
#define CANON_FORMATS_ZIP_H

#include <canon/plugin.h>

#define ZIP_STORED 0
#define ZIP_DEFLATED 8

#define ZIP_FLAG_DESCRIPTOR 0x0008u /* sizes and CRC-32 follow the data */
#define ZIP_FLAG_UTF8 0x0800u

typedef struct zip_member {
  const char *name; /* name_size bytes, not terminated */
  uint32_t name_size;
  uint32_t crc32;
  uint16_t method;
  uint16_t flags;
  uint16_t time, date; /* MS-DOS */
  uint64_t header;     /* byte of the source at which its local header starts */
  uint64_t data;       /* and its data */
  uint64_t packed;     /* bytes of data in the source */
  uint64_t size;       /* bytes of content */
} zip_member;

typedef struct zip_index {
  const canon_source *source;
  zip_member *members; /* in the directory's order */
  uint64_t n_members;
  const zip_member **by_name;
  uint8_t *directory; /* the directory's bytes; names point into it */
  uint64_t directory_offset;
  uint64_t trailing; /* bytes after the archive's end, which belong to nobody */
} zip_index;

/* Reads and checks the whole structure, no content. zip starts as all zeros; close it also after a failure. */
int32_t zip_index_open(canon_job *job, const canon_source *source, zip_index *zip);
void zip_index_close(canon_job *job, zip_index *zip);

/* NULL: no member of exactly this name. Any thread. */
const zip_member *zip_index_find(const zip_index *zip, const char *name, uint64_t name_size);

/* What makes a name unfit to be a path inside a folder ("leads out of its folder"), or NULL. */
const char *zip_name_problem(const char *name, uint64_t name_size);

/* The member's whole content into dst (size bytes), its CRC-32 checked. Any thread. */
int32_t zip_member_load(canon_job *job, const zip_index *zip, const zip_member *member, void *dst);

/* The content's first `size` bytes, at most all of it; less than all of it is not checked. Any thread. */
int32_t zip_member_head(canon_job *job, const zip_index *zip, const zip_member *member, void *dst, uint64_t size);

/* The whole content in pieces of at most ZIP_PIECE bytes, in order; the CRC-32 is checked after the last piece. */
#define ZIP_PIECE (256u << 10)
typedef int32_t (*zip_consumer)(canon_job *job, void *context, uint64_t offset, const uint8_t *bytes, uint64_t size);
int32_t zip_member_stream(canon_job *job, const zip_index *zip, const zip_member *member, zip_consumer consume,
                          void *context);

/* The CRC-32 of what came before and `size` bytes more. Any thread. */
uint32_t zip_crc32(canon_job *job, uint32_t crc32, const void *bytes, uint64_t size);

/* Compares a CRC-32 of the content with the directory's; fails with both. */
int32_t zip_member_check(canon_job *job, const zip_member *member, uint32_t crc32);

/* For messages: "%.*s" of a name, cut where it would drown the rest. */
#define ZIP_NAME(member) ((int)((member)->name_size < 80 ? (member)->name_size : 80)), (member)->name

#endif
