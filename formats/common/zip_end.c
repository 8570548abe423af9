/* SPDX-License-Identifier: MIT
 * zip_end.c: finds the one end record that describes the archive.
 *
 *   directory | ZIP64 record (56+) | ZIP64 locator (20) | end record (22) | comment (0..65535) | bytes of nobody
 *
 * Readers choose differently among several end records, so two that both fit, or one inside what another calls its
 * comment, are refused instead of chosen from. */
#include "formats/common/zip_end.h"

#include <inttypes.h>
#include <string.h>

enum { END_SIZE = 22, LOCATOR_SIZE = 20, RECORD64_SIZE = 56, LONGEST_COMMENT = 65535 };

static const uint8_t END_MAGIC[4] = {'P', 'K', 5, 6};
static const uint8_t LOCATOR_MAGIC[4] = {'P', 'K', 6, 7};
static const uint8_t RECORD64_MAGIC[4] = {'P', 'K', 6, 6};
static const uint8_t CENTRAL_MAGIC[4] = {'P', 'K', 1, 2};

/* Why an end record does not fit, kept until it is known that no other fits either. */
typedef struct misfit {
  uint64_t offset;
  char text[224];
} misfit;

#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
static int
misfits(misfit *why, uint64_t offset, const char *format, ...) {
  va_list args;
  va_start(args, format);
  vsnprintf(why->text, sizeof why->text, format, args);
  va_end(args);
  why->offset = offset;
  return 0;
}

/* A field of the end record that ZIP64 may hold instead: all ones there, or the same number. */
static int agrees(uint64_t narrow, uint64_t all_ones, uint64_t wide) { return narrow == all_ones || narrow == wide; }

/* Takes the ZIP64 record's numbers over. locator: its 20 bytes, which lie right before the end record. */
static int32_t read_zip64(canon_job *job, const canon_source *source, const uint8_t *locator, const uint8_t *record,
                          zip_end *end, misfit *why, int *fits) {
  uint64_t at = end->record - LOCATOR_SIZE, offset = canon_load_le64(locator + 8);
  uint8_t wide[RECORD64_SIZE];
  *fits = 0;
  if (canon_load_le32(locator + 4) != 0 || canon_load_le32(locator + 16) > 1) {
    misfits(why, at, "the ZIP64 locator speaks of several disks; join the parts first");
    return CANON_OK;
  }
  if (at < RECORD64_SIZE || offset > at - RECORD64_SIZE) {
    misfits(why, at, "the ZIP64 locator points to byte %" PRIu64 ", past byte %" PRIu64 " where its record must lie",
            offset, at < RECORD64_SIZE ? 0 : at - RECORD64_SIZE);
    return CANON_OK;
  }
  int32_t code = job->host->source_read(job, source, offset, wide, sizeof wide);
  if (code) return code;
  if (memcmp(wide, RECORD64_MAGIC, 4) != 0) {
    misfits(why, at, "the ZIP64 locator points to byte %" PRIu64 ", where no ZIP64 end record lies", offset);
    return CANON_OK;
  }
  if (canon_load_le64(wide + 4) != at - offset - 12) {
    misfits(why, offset, "the ZIP64 end record says that it has %" PRIu64 " bytes, %" PRIu64 " lie before its locator",
            canon_load_le64(wide + 4), at - offset - 12);
    return CANON_OK;
  }
  end->boundary = offset;
  end->entries = canon_load_le64(wide + 32);
  end->directory_size = canon_load_le64(wide + 40);
  end->directory = canon_load_le64(wide + 48);
  if (canon_load_le32(wide + 16) != 0 || canon_load_le32(wide + 20) != 0 || canon_load_le64(wide + 24) != end->entries)
    misfits(why, offset, "the archive is split over several disks; join the parts first");
  else if (!agrees(canon_load_le16(record + 10), 0xFFFF, end->entries) ||
           !agrees(canon_load_le32(record + 12), 0xFFFFFFFF, end->directory_size) ||
           !agrees(canon_load_le32(record + 16), 0xFFFFFFFF, end->directory))
    misfits(why, end->record, "the end record and the ZIP64 end record at byte %" PRIu64 " disagree", offset);
  else *fits = 1;
  return CANON_OK;
}

/* The directory does not end at the boundary. Where it does so once everything is moved, bytes were put before the
 * archive. */
static int32_t misplaced(canon_job *job, const canon_source *source, const zip_end *end, misfit *why) {
  uint8_t magic[4] = {0};
  uint64_t directory_end, shift = 0;
  if (canon_add(end->directory, end->directory_size, &directory_end) && directory_end < end->boundary &&
      end->directory_size >= sizeof magic) {
    shift = end->boundary - directory_end;
    int32_t code = job->host->source_read(job, source, end->directory + shift, magic, sizeof magic);
    if (code) return code;
  }
  if (memcmp(magic, CENTRAL_MAGIC, 4) == 0)
    misfits(why, 0, "%" PRIu64 " bytes lie before the archive; remove them", shift);
  else
    misfits(why, end->record,
            "the directory, %" PRIu64 " bytes at byte %" PRIu64 ", does not end at byte %" PRIu64
            ", where the archive's end starts",
            end->directory_size, end->directory, end->boundary);
  return CANON_OK;
}

/* Does the record at end->record describe an archive that ends there? record points to its bytes. */
static int32_t examine(canon_job *job, const canon_source *source, const uint8_t *record, zip_end *end, misfit *why,
                       int *fits) {
  uint8_t locator[LOCATOR_SIZE];
  uint64_t all_ones = 0; /* what a field says that leaves its number to ZIP64 */
  end->boundary = end->record;
  end->entries = canon_load_le16(record + 10);
  end->directory_size = canon_load_le32(record + 12);
  end->directory = canon_load_le32(record + 16);
  *fits = 0;
  if (end->record >= LOCATOR_SIZE) {
    int32_t code = job->host->source_read(job, source, end->record - LOCATOR_SIZE, locator, sizeof locator);
    if (code) return code;
    if (memcmp(locator, LOCATOR_MAGIC, 4) == 0) {
      int wide_fits;
      code = read_zip64(job, source, locator, record, end, why, &wide_fits);
      if (code || !wide_fits) return code;
      all_ones = 0xFFFF;
    }
  }
  if (!agrees(canon_load_le16(record + 4), all_ones, 0) || !agrees(canon_load_le16(record + 6), all_ones, 0) ||
      canon_load_le16(record + 8) != canon_load_le16(record + 10)) {
    misfits(why, end->record, "the archive is split over several disks; join the parts first");
    return CANON_OK;
  }
  uint64_t directory_end;
  if (canon_add(end->directory, end->directory_size, &directory_end) && directory_end == end->boundary) *fits = 1;
  else return misplaced(job, source, end, why);
  return CANON_OK;
}

static int32_t find_in_tail(canon_job *job, const canon_source *source, const uint8_t *tail, uint64_t tail_size,
                            uint64_t size, zip_end *found) {
  misfit why = {CANON_NONE, ""}, other;
  uint64_t last = CANON_NONE; /* the last record of all, whether it fits or not */
  int any = 0;
  for (uint64_t i = tail_size - END_SIZE + 1; i-- > 0;) {
    if (memcmp(tail + i, END_MAGIC, 4) != 0) continue;
    zip_end end = {.record = size - tail_size + i};
    uint64_t comment = canon_load_le16(tail + i + 20), room = tail_size - i - END_SIZE;
    int fits = 0;
    if (comment > room) {
      misfits(last == CANON_NONE ? &why : &other, end.record,
              "the archive's comment has %" PRIu64 " bytes, %" PRIu64 " are there; the file is cut short", comment,
              room);
    } else {
      int32_t code = examine(job, source, tail + i, &end, last == CANON_NONE ? &why : &other, &fits);
      if (code) return code;
    }
    end.trailing = comment > room ? 0 : room - comment;
    if (fits && last != CANON_NONE)
      return canon_fail(job, CANON_E_MALFORMED, end.record,
                        "two end records, the other at byte %" PRIu64 ": readers would take different archives", last);
    if (last == CANON_NONE) last = end.record;
    if (fits) *found = end, any = 1;
  }
  if (any) return CANON_OK;
  if (last != CANON_NONE) return canon_fail(job, CANON_E_MALFORMED, why.offset, "%s", why.text);
  return canon_fail(job, CANON_E_MALFORMED, size,
                    "the end of the zip archive is missing; the file is cut short, get it again");
}

int32_t zip_end_find(canon_job *job, const canon_source *source, zip_end *end) {
  uint64_t size = job->host->source_size(job, source);
  if (size < END_SIZE)
    return canon_fail(job, CANON_E_MALFORMED, CANON_NONE, "%" PRIu64 " bytes are too few for a zip archive", size);
  uint64_t tail_size = size < END_SIZE + LONGEST_COMMENT ? size : END_SIZE + LONGEST_COMMENT;
  uint8_t *tail = canon_alloc(job, tail_size);
  if (!tail) return canon_failed(job);
  int32_t code = job->host->source_read(job, source, size - tail_size, tail, tail_size);
  if (!code) code = find_in_tail(job, source, tail, tail_size, size, end);
  canon_free(job, tail);
  return code;
}
