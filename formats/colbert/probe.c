/* SPDX-License-Identifier: MIT
 * probe.c: is a folder a ColBERT index? Its files have names that nothing else has. */
#include <string.h>

#include "formats/colbert/colbert.h"

/* Around the chunk's number where there is one; bits: what the name alone is worth as evidence. */
static const struct {
  const char *before, *after;
  uint32_t bits;
} NAMES[COLBERT_ROLES] = {
    [COLBERT_METADATA] = {"metadata.json", NULL, 4},
    [COLBERT_PLAN] = {"plan.json", NULL, 4},
    [COLBERT_CENTROIDS] = {"centroids.pt", NULL, 12},
    [COLBERT_BUCKETS] = {"buckets.pt", NULL, 12},
    [COLBERT_AVG_RESIDUAL] = {"avg_residual.pt", NULL, 16},
    [COLBERT_IVF] = {"ivf.pid.pt", NULL, 16},
    [COLBERT_CODES] = {"", ".codes.pt", 12},
    [COLBERT_RESIDUALS] = {"", ".residuals.pt", 12},
    [COLBERT_DOCLENS] = {"doclens.", ".json", 12},
    [COLBERT_CHUNK] = {"", ".metadata.json", 4},
};

enum { ENOUGH_BITS = 36 };

const char *colbert_name(colbert_role role, uint64_t chunk, char name[COLBERT_NAME_BYTES]) {
  if (!NAMES[role].after) snprintf(name, COLBERT_NAME_BYTES, "%s", NAMES[role].before);
  else snprintf(name, COLBERT_NAME_BYTES, "%s%" PRIu64 "%s", NAMES[role].before, chunk, NAMES[role].after);
  return name;
}

/* A decimal number as Python prints one; the number of its digits, 0 if it is none. */
static size_t number_at(const char *text, uint64_t *number) {
  size_t n = 0;
  for (*number = 0; n < 10 && text[n] >= '0' && text[n] <= '9'; n++) *number = *number * 10 + (uint64_t)(text[n] - '0');
  return n > 1 && text[0] == '0' ? 0 : n;
}

static int has_role(const char *name, colbert_role role, uint64_t *chunk) {
  size_t n = strlen(NAMES[role].before);
  if (!NAMES[role].after) return strcmp(name, NAMES[role].before) == 0;
  if (strncmp(name, NAMES[role].before, n) != 0) return 0;
  size_t digits = number_at(name + n, chunk);
  return digits && strcmp(name + n + digits, NAMES[role].after) == 0;
}

colbert_role colbert_role_of(const char *name, uint64_t *chunk) {
  colbert_role role = 0;
  while (role < COLBERT_ROLES && !has_role(name, role, chunk)) role++;
  return role;
}

int32_t colbert_probe(canon_job *job, const canon_source *source, uint32_t *bits) {
  uint32_t seen[COLBERT_ROLES] = {0};
  uint64_t n = job->host->member_count(job, source), chunk;
  *bits = 0;
  for (uint64_t i = 0; n != CANON_NONE && i < n; i++) {
    colbert_role role = colbert_role_of(job->host->member_name(job, source, i), &chunk);
    if (role < COLBERT_ROLES) seen[role] = NAMES[role].bits;
  }
  for (colbert_role role = 0; role < COLBERT_ROLES; role++) *bits += seen[role];
  if (*bits < ENOUGH_BITS) *bits = 0;
  return CANON_OK;
}
