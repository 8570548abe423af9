/* SPDX-License-Identifier: MIT
 * container.c: the archive around the pickle: one top folder, and the records beside data.pkl that say how to read it.
 */
#include <inttypes.h>
#include <string.h>

#include "formats/pt/pt.h"

enum { DOS_DATE_OF_CANON = 0x0021, HIGHEST_VERSION = 10, LONGEST_RECORD = 64 };

#define TOP(reader) (int)((reader)->top_size < 80 ? (reader)->top_size : 80), (reader)->top

const zip_member *pt_record(const pt_reader *reader, const char *name, uint64_t name_size) {
  uint64_t low = 0, high = reader->zip.n_members, prefix = reader->top_size + 1;
  while (low < high) { /* by_name is sorted by bytes: compare as if TOP/ stood before the name */
    uint64_t middle = low + (high - low) / 2;
    const zip_member *member = reader->zip.by_name[middle];
    uint64_t rest = member->name_size < prefix ? 0 : member->name_size - prefix;
    int order = memcmp(member->name + (member->name_size - rest), name, rest < name_size ? rest : name_size);
    if (order == 0) order = rest < name_size ? -1 : rest > name_size;
    if (order == 0) return member;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return NULL;
}

static int ends_with(const zip_member *member, const char *end) {
  uint64_t size = strlen(end);
  return member->name_size >= size && memcmp(member->name + member->name_size - size, end, size) == 0;
}

/* Everything lies in one folder, as torch demands; then names can be compared without it. */
static int32_t find_top(canon_job *job, pt_reader *reader) {
  for (uint64_t i = 0; i < reader->zip.n_members; i++) {
    const zip_member *member = &reader->zip.members[i];
    const char *problem = zip_name_problem(member->name, member->name_size);
    if (problem)
      return canon_fail(job, CANON_E_UNSAFE, member->header, "record %.*s: its name %s", ZIP_NAME(member), problem);
    const char *slash = memchr(member->name, '/', member->name_size);
    if (!slash) {
      if (ends_with(member, "data.pkl"))
        return canon_fail(job, CANON_E_MALFORMED, member->header,
                          "data.pkl does not lie in a folder, as torch.save puts it");
      return canon_fail(job, CANON_E_MALFORMED, member->header, "record %.*s does not lie in a folder: no torch file",
                        ZIP_NAME(member));
    }
    uint64_t size = (uint64_t)(slash - member->name);
    if (!reader->top) {
      reader->top = member->name;
      reader->top_size = size;
    } else if (size != reader->top_size || memcmp(member->name, reader->top, size) != 0) {
      return canon_fail(job, CANON_E_MALFORMED, member->header,
                        "record %.*s lies outside of the folder %.*s that the first one is in", ZIP_NAME(member),
                        TOP(reader));
    }
  }
  return reader->top ? CANON_OK : canon_fail(job, CANON_E_MALFORMED, CANON_NONE, "an empty archive: no data.pkl");
}

/* A short text record; text is terminated, without the line's end. *found 0: there is none. */
static int32_t read_text(canon_job *job, const pt_reader *reader, const char *name, char *text, int *found) {
  const zip_member *member = pt_record(reader, name, strlen(name));
  *found = member != NULL;
  text[0] = 0;
  if (!member) return CANON_OK;
  if (member->size >= LONGEST_RECORD)
    return canon_fail(job, CANON_E_MALFORMED, member->data, "record %.*s has %" PRIu64 " bytes, a word was expected",
                      ZIP_NAME(member), member->size);
  int32_t code = zip_member_load(job, &reader->zip, member, text);
  if (code) return code;
  uint64_t size = member->size;
  if (size && text[size - 1] == '\n') size--;
  text[size] = 0;
  for (uint64_t i = 0; i < size; i++)
    if (text[i] < 0x20 || text[i] > 0x7E)
      return canon_fail(job, CANON_E_MALFORMED, member->data + i, "record %.*s is no text", ZIP_NAME(member));
  return CANON_OK;
}

/* A record with a number in [1, highest]; 0 where it is missing. */
static int32_t read_number(canon_job *job, const pt_reader *reader, const char *name, uint32_t highest,
                           uint32_t *number) {
  char text[LONGEST_RECORD];
  int found;
  *number = 0;
  int32_t code = read_text(job, reader, name, text, &found);
  if (code || !found) return code;
  uint64_t at = pt_record(reader, name, strlen(name))->data, value = 0;
  for (const char *p = text; *p && value <= UINT32_MAX; p++) {
    if (*p < '0' || *p > '9') value = UINT64_MAX;
    else value = value * 10 + (uint64_t)(*p - '0');
  }
  if (!text[0] || value == UINT64_MAX || value == 0)
    return canon_fail(job, CANON_E_MALFORMED, at, "record %s says '%s', not a number", name, text);
  if (value > highest)
    return canon_fail(job, CANON_E_UNSUPPORTED, at, "record %s says %s; canon knows up to %" PRIu32, name, text,
                      highest);
  *number = (uint32_t)value;
  return CANON_OK;
}

static void add_detail(pt_reader *reader, const char *name, const char *text, uint64_t number) {
  reader->details[reader->n_details++] = (canon_detail){name, text, (int64_t)number};
}

static int32_t read_records(canon_job *job, pt_reader *reader) {
  char order[LONGEST_RECORD];
  uint32_t version, format_version, alignment;
  int found;
  int32_t code = read_number(job, reader, "version", HIGHEST_VERSION, &version);
  if (!code && !version)
    code = canon_fail(job, CANON_E_MALFORMED, CANON_NONE,
                      "record %.*s/version is missing: torch refuses such a file as well", TOP(reader));
  if (!code) code = read_number(job, reader, ".format_version", 1, &format_version);
  if (!code) code = read_number(job, reader, ".storage_alignment", 1u << 30, &alignment);
  if (!code) code = read_text(job, reader, "byteorder", order, &found);
  if (code) return code;
  reader->big_endian = found && strcmp(order, "big") == 0;
  if (found && strcmp(order, "little") != 0 && !reader->big_endian)
    return canon_fail(job, CANON_E_MALFORMED, pt_record(reader, "byteorder", 9)->data,
                      "record byteorder says '%s', neither little nor big", order);
  const char *top = arena_text(job, &reader->pickle.memory, reader->top, reader->top_size);
  if (!top) return canon_failed(job);
  add_detail(reader, "container", "zip", 0);
  add_detail(reader, "top", top, 0);
  add_detail(reader, "version", NULL, version);
  add_detail(reader, "byteorder", reader->big_endian ? "big" : "little", 0);
  if (format_version) add_detail(reader, "format_version", NULL, format_version);
  if (alignment) add_detail(reader, "storage_alignment", NULL, alignment);
  return CANON_OK;
}

int32_t pt_container_open(canon_job *job, pt_reader *reader, const canon_source *source) {
  uint8_t magic[4];
  if (job->host->source_size(job, source) >= sizeof magic) {
    int32_t code = job->host->source_read(job, source, 0, magic, sizeof magic);
    if (code) return code;
  }
  int32_t code = zip_index_open(job, source, &reader->zip);
  if (!code) code = pt_refuse_foreign_archive(job, reader);
  if (!code) code = find_top(job, reader);
  if (!code) code = read_records(job, reader);
  return code;
}

/* Who wrote the archive, from what only that writer does. */
static const char *find_producer(const pt_reader *reader, const zip_member *first, int is_deflated) {
  int is_torch = (first->flags & ~(uint32_t)ZIP_FLAG_DESCRIPTOR) == ZIP_FLAG_UTF8 && first->date == 0 &&
                 first->time == 0 && !is_deflated;
  if (!is_torch) {
    int is_canon = first->flags == 0 && first->date == DOS_DATE_OF_CANON && first->time == 0 && !is_deflated &&
                   reader->top_size == 7 && memcmp(reader->top, "archive", 7) == 0 && first->data == 64 &&
                   !pt_record(reader, "byteorder", 9);
    return is_canon ? "canon" : "re-zipped";
  }
  if (pt_record(reader, ".format_version", 15)) return "torch >= 2.7";
  return pt_record(reader, "byteorder", 9) ? "torch 2.1 to 2.6" : "torch <= 2.0";
}

void pt_container_describe(canon_job *job, pt_reader *reader) {
  uint64_t deflated = 0, unused = 0, first_storage = CANON_NONE, alignment = 0;
  const zip_member *first = pt_record(reader, "data.pkl", 8);
  for (uint64_t i = 0; i < reader->zip.n_members; i++) {
    const zip_member *member = &reader->zip.members[i];
    uint64_t prefix = reader->top_size + 6;
    int is_storage = member->name_size > prefix && memcmp(member->name + reader->top_size, "/data/", 6) == 0;
    deflated += member->method == ZIP_DEFLATED;
    unused += is_storage && !reader->storage_of[i];
    if (!is_storage) continue;
    alignment |= member->data;
    if (member->data < first_storage) first_storage = member->data;
  }
  if (unused) job->host->count(job, "records of the file that no tensor uses", unused);
  reader->producer = find_producer(reader, first, deflated != 0);
  add_detail(reader, "pickle_protocol", NULL, reader->pickle.protocol);
  add_detail(reader, "records", NULL, reader->zip.n_members);
  add_detail(reader, "compression", !deflated ? "stored" : deflated == reader->zip.n_members ? "deflated" : "mixed", 0);
  if (first_storage != CANON_NONE) {
    add_detail(reader, "first_storage", NULL, first_storage);
    add_detail(reader, "alignment", NULL, alignment & (~alignment + 1));
  }
  if (reader->zip.trailing) add_detail(reader, "trailing_bytes", NULL, reader->zip.trailing);
}
