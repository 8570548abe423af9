/* SPDX-License-Identifier: MIT
 * listing.c: see listing.h. */
#include "cli/listing.h"

#include <stdlib.h>
#include <string.h>

#include "cli/report.h"

const struct listing_flag listing_flags[] = {
    {CANON_NODE_PARAMETER, "parameter"},
    {CANON_NODE_REQUIRES_GRAD, "requires_grad"},
    {CANON_NODE_NUMPY, "numpy"},
};
const size_t listing_flag_count = sizeof listing_flags / sizeof *listing_flags;

static int is_container(uint32_t kind) { return kind >= CANON_NODE_DICT && kind <= CANON_NODE_SET; }

static int is_empty(const canon_manifest *manifest, uint64_t i) {
  return i + 1 == manifest->n_nodes || canon_manifest_node(manifest, i + 1)->parent != i;
}

int listing_expanded(const canon_node *node) {
  for (uint32_t d = 0; node->stride && d < node->rank; d++)
    if (node->stride[d] == 0 && node->shape[d] > 1) return 1;
  return 0;
}

int listing_strided(const canon_node *node) {
  uint64_t expected = 1;
  for (uint32_t d = node->rank; node->stride && d-- > 0;) {
    if (node->shape[d] == 0) return 0;
    if (node->shape[d] > 1 && node->stride[d] != (int64_t)expected) return 1;
    expected *= node->shape[d];
  }
  return 0;
}

/* ---- rows that need a look at the others ---- */

static int by_storage(const void *a, const void *b) {
  const struct listing_row *p = *(const struct listing_row *const *)a, *q = *(const struct listing_row *const *)b;
  if (p->node->storage != q->node->storage) return p->node->storage < q->node->storage ? -1 : 1;
  return p < q ? -1 : p > q;
}

static void find_sharing(struct listing *listing) {
  struct listing_row **rows = report_resize(NULL, listing->n_tensors, sizeof *rows);
  uint64_t n = 0;
  for (uint64_t i = 0; i < listing->n_tensors; i++)
    if (listing->tensors[i].node->storage != CANON_NONE) rows[n++] = &listing->tensors[i];
  qsort(rows, n, sizeof *rows, by_storage);
  for (uint64_t first = 0, i = 1; i < n; i++) {
    if (rows[i]->node->storage == rows[first]->node->storage) rows[i]->first = rows[first];
    else first = i;
  }
  free(rows);
}

char *listing_key_kinds(const canon_manifest *manifest, const canon_node *node) {
  const char *names[CANON_MAX_DEPTH + 1];
  size_t n = 0, size = 1;
  for (; node->parent != CANON_NONE && n <= CANON_MAX_DEPTH; node = canon_manifest_node(manifest, node->parent)) {
    names[n] = canon_key_kind_name(node->key_kind);
    size += strlen(names[n++]) + 1;
  }
  char *text = report_resize(NULL, size, 1);
  text[0] = 0;
  while (n-- > 0) {
    strcat(text, names[n]);
    if (n) strcat(text, "/");
  }
  return text;
}

static int is_plain(const canon_manifest *manifest, const canon_node *node) {
  for (; node->parent != CANON_NONE; node = canon_manifest_node(manifest, node->parent))
    if (node->key_kind != CANON_KEY_INDEX && node->key_kind != CANON_KEY_STR && node->key_kind != CANON_KEY_INT)
      return 0;
  return 1;
}

static int by_path(const void *a, const void *b) {
  return strcmp((*(const struct listing_row *const *)a)->path, (*(const struct listing_row *const *)b)->path);
}

/* Keys that are no strings and no integers, and paths that two rows share: {0: ..., "0": ...}. */
static void find_key_kinds(struct listing *listing) {
  uint64_t n = listing->n_tensors + listing->n_values;
  struct listing_row **rows = report_resize(NULL, n, sizeof *rows);
  for (uint64_t i = 0; i < n; i++)
    rows[i] = i < listing->n_tensors ? &listing->tensors[i] : &listing->values[i - listing->n_tensors];
  qsort(rows, n, sizeof *rows, by_path);
  for (uint64_t i = 0; i < n; i++) {
    int shared = (i > 0 && strcmp(rows[i - 1]->path, rows[i]->path) == 0) ||
                 (i + 1 < n && strcmp(rows[i + 1]->path, rows[i]->path) == 0);
    if (shared || !is_plain(listing->manifest, rows[i]->node))
      rows[i]->key_kind = listing_key_kinds(listing->manifest, rows[i]->node);
  }
  free(rows);
}

/* ---- gathering ---- */

static uint64_t tensor_bytes(const canon_node *node) {
  uint64_t bytes;
  if (!canon_elements(node->shape, node->rank, &bytes) || !canon_mul(bytes, canon_dtype_size(node->dtype), &bytes))
    return UINT64_MAX;
  return bytes;
}

static int32_t add_tensor(struct listing *listing, canon_artifact *artifact, uint64_t i, int digest, int stats) {
  struct listing_row *row = &listing->tensors[listing->n_tensors++];
  *row =
      (struct listing_row){.node = canon_manifest_node(listing->manifest, i), .path = canon_artifact_path(artifact, i)};
  if (!row->path) report_out_of_memory();
  row->bytes = tensor_bytes(row->node);
  if (!canon_add(listing->bytes, row->bytes, &listing->bytes)) listing->bytes = UINT64_MAX;
  if (digest) row->sha256 = canon_artifact_sha256(artifact, i);
  return stats ? canon_artifact_stats(artifact, i, &row->stats) : CANON_OK;
}

static void add_value(struct listing *listing, canon_artifact *artifact, uint64_t i) {
  const canon_node *node = canon_manifest_node(listing->manifest, i);
  struct listing_row *row = &listing->values[listing->n_values++];
  *row = (struct listing_row){.node = node, .path = canon_artifact_path(artifact, i)};
  row->value = node->kind == CANON_NODE_DICT ? "{}"
               : is_container(node->kind)    ? "[]"
                                             : canon_artifact_value(artifact, i);
  if (!row->path || !row->value) report_out_of_memory();
}

int32_t listing_fill(struct listing *listing, canon_artifact *artifact, int digest, int stats) {
  const canon_manifest *manifest = canon_artifact_manifest(artifact);
  uint64_t n_tensors = 0;
  for (uint64_t i = 0; i < manifest->n_nodes; i++)
    n_tensors += canon_manifest_node(manifest, i)->kind == CANON_NODE_TENSOR;
  *listing = (struct listing){.manifest = manifest};
  listing->tensors = report_resize(NULL, n_tensors, sizeof *listing->tensors);
  listing->values = report_resize(NULL, manifest->n_nodes - n_tensors, sizeof *listing->values);
  int32_t code = digest ? canon_artifact_digest(artifact, &listing->digest) : CANON_OK;
  for (uint64_t i = 0; !code && i < manifest->n_nodes; i++) {
    uint32_t kind = canon_manifest_node(manifest, i)->kind;
    if (kind == CANON_NODE_TENSOR) code = add_tensor(listing, artifact, i, digest, stats);
    else if (!is_container(kind) || is_empty(manifest, i)) add_value(listing, artifact, i);
  }
  if (code) return code;
  find_sharing(listing);
  find_key_kinds(listing);
  return CANON_OK;
}

void listing_free(struct listing *listing) {
  for (uint64_t i = 0; i < listing->n_tensors; i++) free(listing->tensors[i].key_kind);
  for (uint64_t i = 0; i < listing->n_values; i++) free(listing->values[i].key_kind);
  free(listing->tensors);
  free(listing->values);
}
