/* SPDX-License-Identifier: MIT
 * members.c: which file of the folder is which. All of an index must be there. */
#include <string.h>

#include "formats/colbert/colbert.h"
#include "formats/common/text.h"

static uint64_t *slot_of(const colbert_members *members, colbert_role role, uint64_t chunk) {
  return &members->slots[role < COLBERT_CODES ? role : COLBERT_CODES + 4 * chunk + (role - COLBERT_CODES)];
}

int colbert_members_have(const colbert_members *members, colbert_role role, uint64_t chunk) {
  return *slot_of(members, role, chunk) != CANON_NONE;
}

/* What has no part in an index is kept as it is, if its name can be a key. */
static int32_t take_other(canon_job *job, colbert_members *members, const char *name) {
  members->n_others++;
  if (strcmp(name, COLBERT_OLD_IVF) == 0)
    return canon_fail(
        job, CANON_E_UNSUPPORTED, CANON_NONE,
        "ivf.pt lists embeddings, as old versions of ColBERT did; load the index in ColBERT once, which makes "
        "ivf.pid.pt of it");
  uint64_t size = strlen(name);
  if (text_utf8_prefix((const uint8_t *)name, size, 0) == size) return CANON_OK;
  return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE,
                    "a file beside those of the index has a name that is not UTF-8; "
                    "move it out of the folder");
}

static int32_t missing_file(canon_job *job, colbert_role role, uint64_t chunk) {
  char name[COLBERT_NAME_BYTES];
  return canon_fail(job, CANON_E_MALFORMED, CANON_NONE,
                    "%s is missing; the index was not finished, or not copied whole", colbert_name(role, chunk, name));
}

/* How many chunks the files' names tell of: as many as there are files at most. */
static int32_t count_chunks(canon_job *job, colbert_members *members, uint64_t n) {
  int32_t code = CANON_OK;
  for (uint64_t i = 0; !code && i < n; i++) {
    const char *name = job->host->member_name(job, members->source, i);
    uint64_t chunk = 0;
    colbert_role role = colbert_role_of(name, &chunk);
    if (strchr(name, '/')) members->left_out++;
    else if (role == COLBERT_ROLES) code = take_other(job, members, name);
    else if (role >= COLBERT_CODES && chunk >= n)
      code = canon_fail(job, CANON_E_MALFORMED, CANON_NONE,
                        "%s is of a chunk %" PRIu64 ", but the folder has %" PRIu64
                        " files in all; chunks are counted from 0 on without gaps",
                        name, chunk, n);
    else if (role >= COLBERT_CODES && chunk >= members->n_chunks) members->n_chunks = chunk + 1;
  }
  return code;
}

int32_t colbert_members_find(canon_job *job, const canon_source *folder, colbert_members *members) {
  members->source = folder;
  uint64_t n = job->host->member_count(job, members->source), chunk = 0;
  if (n == CANON_NONE)
    return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE, "is a file, and a ColBERT index is a folder");
  int32_t code = count_chunks(job, members, n);
  if (code) return code;
  uint64_t slots = COLBERT_CODES + 4 * members->n_chunks;
  members->slots = canon_alloc(job, slots * sizeof *members->slots);
  if (!members->slots) return canon_failed(job);
  memset(members->slots, 0xff, slots * sizeof *members->slots);
  for (uint64_t i = 0; i < n; i++) {
    colbert_role role = colbert_role_of(job->host->member_name(job, members->source, i), &chunk);
    if (role != COLBERT_ROLES) *slot_of(members, role, chunk) = i;
  }
  for (colbert_role role = 0; role < COLBERT_CODES; role++)
    if (role != COLBERT_PLAN && !colbert_members_have(members, role, 0)) return missing_file(job, role, 0);
  for (chunk = 0; chunk < members->n_chunks; chunk++)
    for (colbert_role role = COLBERT_CODES; role < COLBERT_ROLES; role++)
      if (!colbert_members_have(members, role, chunk)) return missing_file(job, role, chunk);
  if (members->n_chunks == 0) return missing_file(job, COLBERT_CODES, 0);
  return CANON_OK;
}

int32_t colbert_members_open(canon_job *job, const colbert_members *members, colbert_role role, uint64_t chunk,
                             const canon_source **member) {
  return job->host->member_open(job, members->source, *slot_of(members, role, chunk), member);
}
