/* SPDX-License-Identifier: MIT
 * foreign.c: what is called .pt and is no zip archive of torch.save, told apart by content so that the user learns what
 * it is and how to get at the tensors. Pickles of other programs are looked through for what a file of data never does.
 */
#include <inttypes.h>
#include <string.h>

#include "formats/pt/pt.h"

enum { HEAD = 1024, LARGEST_SCAN = 16 << 20 };

/* What the first pickle of a legacy file says, in protocol 2 and later, and in text. */
static const uint8_t LEGACY_MAGIC[] = {0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19};
static const char LEGACY_TEXT[] = "L119547037146038801333356L\n";

static int contains(const uint8_t *head, uint64_t size, const void *what, uint64_t what_size) {
  return memmem(head, size, what, what_size) != NULL;
}

static int is_legacy(const uint8_t *head, uint64_t size) {
  uint64_t start = size < 32 ? size : 32;
  return size > 1 && (head[0] == 0x80 || head[0] == 0x8A || head[0] == 'L') &&
         (contains(head, start, LEGACY_MAGIC, sizeof LEGACY_MAGIC) ||
          contains(head, start, LEGACY_TEXT, sizeof LEGACY_TEXT - 1));
}

/* Torch 0.1: a tar whose members have four names. */
static int is_tar(const uint8_t *head, uint64_t size) {
  static const char *const MEMBERS[] = {"sys_info", "pickle", "tensors", "storages"};
  if (size < 512) return 0;
  for (uint64_t i = 0; i < sizeof MEMBERS / sizeof *MEMBERS; i++) {
    const char *name = (const char *)head + (memcmp(head, "./", 2) == 0 ? 2 : 0);
    if (strncmp(name, MEMBERS[i], 32) == 0) return 1;
  }
  return 0;
}

static int is_name_character(uint8_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

/* PROTO and an opcode that a value starts with, or a global of protocol 0: c, a name, a name. */
static uint32_t pickle_bits(const uint8_t *head, uint64_t size) {
  static const char STARTS[] =
      "(]})cXTUKMJGNIFSVL\x82\x8A\x8C\x8F\x95\x88\x89"
      "CB";
  if (size >= 3 && head[0] == 0x80 && head[1] <= 5 && memchr(STARTS, head[2], sizeof STARTS - 1)) return 17;
  uint64_t lines = 0, i = 1;
  for (; size && head[0] == 'c' && i < size && lines < 2; i++) {
    if (head[i] == '\n' && head[i - 1] != '\n') lines++;
    else if (!is_name_character(head[i])) return 0;
  }
  return lines == 2 ? 16 : 0;
}

static int is_old_container(const uint8_t *head, uint64_t size) {
  return size >= 8 && memcmp(head, "PYTORCH1", 8) == 0;
}

uint32_t pt_foreign_bits(const uint8_t *head, uint64_t size) {
  if (is_legacy(head, size)) return 80;
  if (is_old_container(head, size)) return 64;
  if (is_tar(head, size)) return 64;
  return pickle_bits(head, size);
}

/* Runs the machine over a pickle of another program: its failure names what is wrong with it, or there is none. */
static int32_t look_through(canon_job *job, const canon_source *source, uint64_t size) {
  uint8_t *bytes = canon_alloc(job, size);
  if (!bytes) return canon_failed(job);
  pickle p = {.bytes = bytes, .size = size, .find = pt_class_find};
  int32_t code = job->host->source_read(job, source, 0, bytes, size);
  if (!code) code = pickle_run(job, &p);
  pickle_free(job, &p);
  canon_free(job, bytes);
  return code;
}

int32_t pt_refuse_foreign(canon_job *job, const canon_source *source) {
  uint8_t head[HEAD];
  uint64_t whole = job->host->source_size(job, source), size = whole < HEAD ? whole : HEAD;
  int32_t code = job->host->source_read(job, source, 0, head, size);
  if (code) return code;
  if (is_legacy(head, size))
    return canon_fail(job, CANON_E_UNSUPPORTED, 0,
                      "a legacy torch file, from before torch 1.6 or saved with _use_new_zipfile_serialization=False; "
                      "load it in torch and torch.save it again");
  if (is_tar(head, size))
    return canon_fail(job, CANON_E_UNSUPPORTED, 0, "a tar file of torch 0.1; load it in torch and torch.save it again");
  if (is_old_container(head, size))
    return canon_fail(job, CANON_E_UNSUPPORTED, 0,
                      "the container PYTORCH1 of a preview of torch 1.0; only that torch reads it");
  if (!pickle_bits(head, size)) return CANON_OK;
  code = whole <= LARGEST_SCAN ? look_through(job, source, whole) : CANON_OK;
  return code ? code
              : canon_fail(job, CANON_E_UNSUPPORTED, 0, "a pickle that no torch.save wrote; torch.save its tensors");
}

static int holds(const pt_reader *reader, const char *end, uint64_t *at) {
  uint64_t size = strlen(end);
  for (uint64_t i = 0; i < reader->zip.n_members; i++) {
    const zip_member *member = &reader->zip.members[i];
    const char *slash = memchr(member->name, '/', member->name_size);
    uint64_t rest = slash ? member->name_size - (uint64_t)(slash - member->name) : 0;
    if (rest != size || memcmp(slash, end, size) != 0) continue;
    *at = member->header;
    return 1;
  }
  return 0;
}

int32_t pt_refuse_foreign_archive(canon_job *job, const pt_reader *reader) {
  static const struct {
    const char *record, *what;
  } KINDS[] = {
      {"/constants.pkl", "a TorchScript archive, which holds code; torch.save its state_dict()"},
      {"/archive_format", "a torch.export archive (.pt2), which holds a program; torch.save its state_dict()"},
      {"/models/model.json", "a torch.export archive (.pt2), which holds a program; torch.save its state_dict()"},
      {"/serialized_exported_program.json",
       "a torch.export archive (.pt2), which holds a program; torch.save its state_dict()"},
      {"/.data/extern_modules", "a torch.package archive, which holds code; torch.save the tensors in it"},
  };
  uint64_t at;
  for (uint64_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++)
    if (holds(reader, KINDS[i].record, &at)) return canon_fail(job, CANON_E_UNSUPPORTED, at, "%s", KINDS[i].what);
  return CANON_OK;
}
