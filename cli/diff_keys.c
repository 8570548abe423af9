/* SPDX-License-Identifier: MIT
 * diff_keys.c: see diff_keys.h. */
#include "cli/diff_keys.h"

#include <stdlib.h>
#include <string.h>

#include "cli/listing.h"
#include "cli/report.h"

struct row {
  const char *path;
  canon_artifact *owner;
  uint64_t node;
  char **key_kind;
};

static int by_path(const void *a, const void *b) {
  return strcmp(((const struct row *)a)->path, ((const struct row *)b)->path);
}

static struct row row_of(const struct diff *diff, uint64_t a, uint64_t b, char **key_kind) {
  struct row row = {.owner = diff_owner(diff, a), .node = a == CANON_NONE ? b : a, .key_kind = key_kind};
  row.path = diff_path(row.owner, row.node);
  return row;
}

void diff_keys_fill(struct diff *diff) {
  const canon_comparison *comparison = diff->comparison;
  uint64_t n_tensors = canon_comparison_tensors(comparison), n = n_tensors + canon_comparison_values(comparison);
  struct row *rows = report_resize(NULL, n, sizeof *rows);
  diff->n_key_kinds = n;
  diff->key_kinds = report_resize(NULL, n, sizeof *diff->key_kinds);
  for (uint64_t i = 0; i < n; i++) {
    const canon_difference *tensor = i < n_tensors ? canon_comparison_tensor(comparison, i) : NULL;
    const canon_value_difference *value = tensor ? NULL : canon_comparison_value(comparison, i - n_tensors);
    diff->key_kinds[i] = NULL;
    rows[i] = row_of(diff, tensor ? tensor->a : value->a, tensor ? tensor->b : value->b, &diff->key_kinds[i]);
  }
  qsort(rows, n, sizeof *rows, by_path);
  for (uint64_t i = 0; i < n; i++) {
    int shared = (i > 0 && strcmp(rows[i - 1].path, rows[i].path) == 0) ||
                 (i + 1 < n && strcmp(rows[i + 1].path, rows[i].path) == 0);
    if (!shared) continue;
    *rows[i].key_kind =
        listing_key_kinds(canon_artifact_manifest(rows[i].owner), diff_node(rows[i].owner, rows[i].node));
  }
  free(rows);
}

void diff_keys_free(struct diff *diff) {
  for (uint64_t i = 0; i < diff->n_key_kinds; i++) free(diff->key_kinds[i]);
  free(diff->key_kinds);
}

const char *diff_tensor_key_kind(const struct diff *diff, uint64_t tensor) { return diff->key_kinds[tensor]; }

const char *diff_value_key_kind(const struct diff *diff, uint64_t value) {
  return diff->key_kinds[canon_comparison_tensors(diff->comparison) + value];
}
