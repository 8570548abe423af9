/* SPDX-License-Identifier: MIT
 * checks.c: see checks.h. Neighbours about one file are done with one look at it. */
#include "cli/checks.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/artifact.h"
#include "cli/report.h"

void checks_add(struct checks *checks, struct check check) {
  if ((checks->n & (checks->n - 1)) == 0)
    checks->items = report_resize(checks->items, 2 * checks->n + 1, sizeof *checks->items);
  checks->items[checks->n++] = check;
}

void checks_free(struct checks *checks) { free(checks->items); }

/* ---- one look at a file ---- */

static int compare(struct check *check, const uint8_t *actual) {
  memcpy(check->actual, actual, SUM_BYTES);
  check->result = memcmp(actual, check->sum.digest, SUM_BYTES) == 0 ? CHECK_OK : CHECK_DIFFERS;
  return check->result == CHECK_DIFFERS;
}

/* The tensor at the check's path, which begins behind the part of its name that was opened. Two keys may have one path:
 * then either may be meant. */
static int compare_tensor(struct check *check, canon_artifact *artifact, size_t opened) {
  const char *path = check->name + opened + (check->name[opened] == '#');
  const uint8_t *found = NULL;
  for (uint64_t i = 0; i < canon_artifact_manifest(artifact)->n_nodes; i++) {
    if (!artifact_is_tensor(artifact, i)) continue;
    const char *other = canon_artifact_path(artifact, i);
    if (!other) report_out_of_memory();
    if (strcmp(other, path) != 0) continue;
    found = canon_artifact_sha256(artifact, i);
    if (memcmp(found, check->sum.digest, SUM_BYTES) == 0) break;
  }
  if (found) return compare(check, found);
  report_error("%s: there is no such tensor in it", check->name);
  return 2;
}

static int look(canon_context *context, struct check *checks, size_t n, size_t opened) {
  int tensors_only = checks->sum.scheme == SUM_TENSOR, status;
  cli_options how = *checks->how;
  if (tensors_only) how.select = how.exclude = (cli_list){0}; /* the path says which */
  char *name = report_resize(NULL, opened + 1, 1);
  memcpy(name, checks->name, opened);
  name[opened] = 0;
  canon_artifact *artifact = artifact_open(context, name, &how, &status);
  free(name);
  for (size_t i = 0; i < n; i++) checks[i].result = CHECK_FAILED;
  if (!artifact) return status;
  canon_digest digest;
  status = artifact_digest(context, artifact, &digest);
  int known = !status;
  for (size_t i = 0; known && i < n; i++) {
    int one = tensors_only ? compare_tensor(&checks[i], artifact, opened)
                           : compare(&checks[i], checks[i].sum.scheme == SUM_TREE ? digest.tree : digest.tensors);
    if (one > status) status = one;
  }
  canon_artifact_close(artifact);
  return status;
}

/* ---- all of them ---- */

static size_t file_length(const struct check *check) { return artifact_file_length(check->name); }

/* Checks from the first on that one look answers, and how much of its name that look opens. */
static size_t neighbours(const struct check *checks, size_t n, size_t *opened) {
  size_t whole = strlen(checks->name), file = file_length(checks), count = 1;
  int tensors = checks->sum.scheme == SUM_TENSOR;
  *opened = whole;
  for (; count < n; count++) {
    const struct check *next = &checks[count];
    if ((next->sum.scheme == SUM_TENSOR) != tensors || next->how != checks->how) break;
    if (!tensors && strcmp(next->name, checks->name) != 0) break;
    if (tensors && (file_length(next) != file || strncmp(next->name, checks->name, file) != 0)) break;
  }
  if (tensors && count > 1) *opened = file;
  return count;
}

static int is_absent(const struct check *check) {
  size_t length = file_length(check);
  return check->may_be_absent && !check->name[length] && access(check->name, F_OK) != 0;
}

int checks_run(canon_context *context, struct checks *checks, void (*tell)(const struct check *check)) {
  int worst = 0;
  for (size_t i = 0, n; i < checks->n && !report_broken(); i += n) {
    struct check *first = &checks->items[i];
    size_t opened;
    n = neighbours(first, checks->n - i, &opened);
    int status = 0;
    if (is_absent(first))
      for (size_t k = 0; k < n; k++) first[k].result = CHECK_ABSENT;
    else status = look(context, first, n, opened);
    if (status > worst) worst = status;
    for (size_t k = 0; tell && k < n; k++) tell(&first[k]);
  }
  return worst;
}
