/* SPDX-License-Identifier: MIT
 * zip_member.c: the content of a member, inflated where need be, never without its CRC-32. */
#include <inttypes.h>
#include <string.h>

#include <canon/crc32.h>
#include <libdeflate.h>
#include <zlib.h>

#include "formats/common/zip.h"

enum { INPUT = 64 << 10 };

uint32_t zip_crc32(canon_job *job, uint32_t crc32, const void *bytes, uint64_t size) {
  const canon_crc32 *service = canon_crc32_query(job);
  return service ? service->update(crc32, bytes, size) : libdeflate_crc32(crc32, bytes, size);
}

int32_t zip_member_check(canon_job *job, const zip_member *member, uint32_t crc32) {
  if (crc32 == member->crc32) return CANON_OK;
  if (member->crc32 == 0)
    return canon_fail(job, CANON_E_MALFORMED, member->data,
                      "record %.*s: CRC-32 is %08" PRIx32
                      ", the archive says 0; it was saved without (set_crc32_options(False)) or is damaged: "
                      "save it with CRC-32 on",
                      ZIP_NAME(member), crc32);
  return canon_fail(job, CANON_E_MALFORMED, member->data,
                    "record %.*s: CRC-32 is %08" PRIx32 ", the archive says %08" PRIx32
                    "; the file is damaged, get it again",
                    ZIP_NAME(member), crc32, member->crc32);
}

/* zlib's memory comes from the host. */
static void *inflate_alloc(void *job, unsigned items, unsigned size) {
  uint64_t bytes = (uint64_t)items * size;
  return canon_alloc(job, bytes);
}

static void inflate_free(void *job, void *memory) { canon_free(job, memory); }

/* Where inflated bytes go: all of them into one place, or piece by piece to a consumer. */
typedef struct output {
  uint8_t *bytes;
  uint64_t capacity;    /* of bytes: the content's size, or ZIP_PIECE */
  zip_consumer consume; /* NULL: everything stays in bytes */
  void *context;
  uint64_t done; /* bytes passed on */
  uint32_t crc32;
} output;

static int32_t pass_on(canon_job *job, output *out, uint64_t size) {
  int32_t code = CANON_OK;
  out->crc32 = zip_crc32(job, out->crc32, out->bytes, size);
  if (out->consume && size) code = out->consume(job, out->context, out->done, out->bytes, size);
  out->done += size;
  return code;
}

static int32_t broken(canon_job *job, const zip_member *member, uint64_t consumed, const char *what) {
  return canon_fail(job, CANON_E_MALFORMED, member->data + consumed,
                    "record %.*s: %s; the file is damaged, get it again", ZIP_NAME(member), what);
}

static int32_t refill(canon_job *job, const zip_index *zip, const zip_member *member, z_stream *stream, uint8_t *input,
                      uint64_t *consumed) {
  uint64_t left = member->packed - *consumed, size = left < INPUT ? left : INPUT;
  int32_t code = job->host->source_read(job, zip->source, member->data + *consumed, input, size);
  stream->next_in = input;
  stream->avail_in = (unsigned)size;
  *consumed += size;
  return code;
}

/* One piece of output: as much as fits before the capacity or the content's end is reached. */
static int32_t inflate_piece(canon_job *job, const zip_index *zip, const zip_member *member, z_stream *stream,
                             uint8_t *input, uint64_t *consumed, output *out, int *ended) {
  uint64_t left = member->size - out->done, filled = 0;
  uint64_t wanted = left < out->capacity ? left : out->capacity;
  uint8_t spill; /* takes the byte too many, if there is one */
  while (!*ended && (filled < wanted || left == wanted)) {
    uint64_t part = wanted - filled < 1u << 30 ? wanted - filled : 1u << 30;
    stream->next_out = part ? out->bytes + filled : &spill;
    stream->avail_out = part ? (unsigned)part : 1;
    if (stream->avail_in == 0 && *consumed < member->packed) {
      int32_t code = refill(job, zip, member, stream, input, consumed);
      if (code) return code;
    }
    unsigned before = stream->avail_out;
    int result = inflate(stream, Z_NO_FLUSH);
    unsigned made = before - stream->avail_out;
    if (!part && made) return broken(job, member, 0, "it inflates to more bytes than the directory says");
    filled += made;
    if (result == Z_STREAM_END) *ended = 1;
    else if (result == Z_MEM_ERROR) return canon_failed(job);
    else if (result == Z_BUF_ERROR && stream->avail_in == 0 && *consumed == member->packed)
      return broken(job, member, *consumed, "its deflate stream is cut short");
    else if (result != Z_OK && result != Z_BUF_ERROR)
      return broken(job, member, *consumed - stream->avail_in, "its deflate stream is invalid");
  }
  if (*ended && filled < wanted)
    return broken(job, member, *consumed, "it inflates to fewer bytes than the directory says");
  return pass_on(job, out, filled);
}

static int32_t inflate_member(canon_job *job, const zip_index *zip, const zip_member *member, output *out) {
  z_stream stream = {.zalloc = inflate_alloc, .zfree = inflate_free, .opaque = job};
  uint8_t *input = canon_alloc(job, INPUT);
  if (!input) return canon_failed(job);
  int32_t code = inflateInit2(&stream, -MAX_WBITS) == Z_OK ? CANON_OK : canon_failed(job);
  uint64_t consumed = 0;
  int ended = 0;
  while (!code && !ended) code = inflate_piece(job, zip, member, &stream, input, &consumed, out, &ended);
  if (!code && out->done != member->size)
    code = broken(job, member, consumed, "it inflates to fewer bytes than the directory says");
  if (!code && (stream.avail_in || consumed != member->packed))
    code = broken(job, member, consumed - stream.avail_in, "bytes follow its deflate stream");
  inflateEnd(&stream);
  canon_free(job, input);
  return code ? code : zip_member_check(job, member, out->crc32);
}

static int32_t read_stored(canon_job *job, const zip_index *zip, const zip_member *member, output *out) {
  while (out->done < member->size) {
    uint64_t left = member->size - out->done, size = left < out->capacity ? left : out->capacity;
    int32_t code = job->host->source_read(job, zip->source, member->data + out->done, out->bytes, size);
    if (!code) code = pass_on(job, out, size);
    if (code) return code;
  }
  return zip_member_check(job, member, out->crc32);
}

int32_t zip_member_load(canon_job *job, const zip_index *zip, const zip_member *member, void *dst) {
  output out = {.bytes = dst, .capacity = member->size};
  return member->method == ZIP_STORED ? read_stored(job, zip, member, &out) : inflate_member(job, zip, member, &out);
}

enum { ENOUGH = 1 }; /* no failure: it is never recorded */

static int32_t stop(canon_job *job, void *context, uint64_t offset, const uint8_t *bytes, uint64_t size) {
  (void)job, (void)context, (void)offset, (void)bytes, (void)size;
  return ENOUGH;
}

int32_t zip_member_head(canon_job *job, const zip_index *zip, const zip_member *member, void *dst, uint64_t size) {
  if (size >= member->size) return zip_member_load(job, zip, member, dst);
  if (!size) return CANON_OK;
  output out = {.bytes = dst, .capacity = size, .consume = stop};
  int32_t code =
      member->method == ZIP_STORED ? read_stored(job, zip, member, &out) : inflate_member(job, zip, member, &out);
  return code == ENOUGH ? CANON_OK : code;
}

int32_t zip_member_stream(canon_job *job, const zip_index *zip, const zip_member *member, zip_consumer consume,
                          void *context) {
  output out = {.capacity = ZIP_PIECE, .consume = consume, .context = context};
  out.bytes = canon_alloc(job, ZIP_PIECE);
  if (!out.bytes) return canon_failed(job);
  int32_t code =
      member->method == ZIP_STORED ? read_stored(job, zip, member, &out) : inflate_member(job, zip, member, &out);
  canon_free(job, out.bytes);
  return code;
}
