/* SPDX-License-Identifier: MIT
 * probe.c: is it a zip archive of arrays? The directory, or what the last 63 KiB show of it, tells: where all names end
 * in .npy nobody else can mean it, whatever else is in the names; where some do, a format that knows the others may
 * know better. An archive without any record is what numpy.savez writes of no arrays. */
#include <string.h>

#include "formats/npz/npz.h"

enum { TAIL = 63 << 10, CENTRAL_SIZE = 46, END_SIZE = 22, ZIP_BITS = 32, ALL_BITS = 80, SOME_BITS = 16 };

typedef struct sightings {
  uint32_t arrays, others;
} sightings;

static void look_at(const uint8_t *tail, uint64_t size, sightings *seen) {
  const uint8_t *at = tail, *end = tail + size;
  while ((at = memmem(at, (uint64_t)(end - at), "PK\1\2", 4)) != NULL) {
    if (end - at < CENTRAL_SIZE) return;
    uint64_t length = canon_load_le16(at + 28), room = (uint64_t)(end - at) - CENTRAL_SIZE;
    const uint8_t *name = at + CENTRAL_SIZE;
    if (!length || length > room) return;
    if (length >= NPZ_SUFFIX_BYTES && !memcmp(name + length - NPZ_SUFFIX_BYTES, NPZ_SUFFIX, NPZ_SUFFIX_BYTES))
      seen->arrays++;
    else if (name[length - 1] != '/') seen->others++;
    at = name + length;
  }
}

int32_t npz_probe(canon_job *job, const canon_source *source, uint32_t *bits) {
  uint64_t whole = job->host->source_size(job, source), size = whole < TAIL ? whole : TAIL;
  uint8_t head[4];
  sightings seen = {0, 0};
  *bits = 0;
  if (whole < END_SIZE) return CANON_OK;
  int32_t code = job->host->source_read(job, source, 0, head, sizeof head);
  if (code) return code;
  if (!memcmp(head, "PK\5\6", 4) && whole == END_SIZE) *bits = ZIP_BITS;
  if (memcmp(head, "PK\3\4", 4) != 0) return CANON_OK;
  uint8_t *tail = canon_alloc(job, size);
  if (!tail) return canon_failed(job);
  code = job->host->source_read(job, source, whole - size, tail, size);
  if (!code) look_at(tail, size, &seen);
  canon_free(job, tail);
  if (seen.arrays) *bits = ZIP_BITS + (seen.others ? SOME_BITS : ALL_BITS);
  return code;
}
