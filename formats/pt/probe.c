/* SPDX-License-Identifier: MIT
 * probe.c: is it a torch file, or something that only pt can refuse by its right name? Looks at the first 1 KiB and the
 * last 63 KiB. */
#include <string.h>

#include "formats/pt/pt.h"

enum { HEAD = 1 << 10, TAIL = 63 << 10 };

/* Names that only torch's archives hold; where one is seen in a header, so many bits speak for pt. */
static const struct {
  const char *name;
  uint32_t bits;
} RECORDS[] = {{"/data.pkl", 72},
               {"/.data/serialization_id", 72},
               {"/.data/version", 72},
               {"/constants.pkl", 72},
               {"/.data/extern_modules", 72},
               {"/byteorder", 48},
               {"/data/0", 40},
               {"data.pkl", 40},
               {"/version", 24}};

static uint32_t archive_bits(const uint8_t *bytes, uint64_t size) {
  for (uint64_t i = 0; i < sizeof RECORDS / sizeof *RECORDS; i++)
    if (memmem(bytes, size, RECORDS[i].name, strlen(RECORDS[i].name))) return RECORDS[i].bits;
  return 0;
}

int32_t pt_probe(canon_job *job, const canon_source *source, uint32_t *bits) {
  uint64_t whole = job->host->source_size(job, source), size = whole < HEAD ? whole : HEAD;
  uint8_t head[HEAD];
  *bits = 0;
  int32_t code = job->host->source_read(job, source, 0, head, size);
  if (code) return code;
  *bits = pt_foreign_bits(head, size);
  if (*bits) return CANON_OK;
  int is_zip = size >= 4 && memcmp(head, "PK\3\4", 4) == 0;
  uint64_t tail_size = whole < TAIL ? whole : TAIL;
  uint8_t *tail = canon_alloc(job, tail_size + 1);
  if (!tail) return canon_failed(job);
  code = job->host->source_read(job, source, whole - tail_size, tail, tail_size);
  uint32_t seen = is_zip ? archive_bits(head, size) : 0;
  /* without a zip's first bytes only a directory at the end tells, and something was put before the archive */
  if (!code && (is_zip || memmem(tail, tail_size, "PK\1\2", 4))) {
    uint32_t at_end = archive_bits(tail, tail_size);
    if (at_end > seen) seen = at_end;
  }
  if (seen) *bits = seen + (is_zip ? 32 : 0);
  canon_free(job, tail);
  return code;
}
