/* SPDX-License-Identifier: MIT
 * listing_json.c: a listing as JSON for programs, schema canon.info/1. */
#include "cli/json.h"
#include "cli/listing.h"

/* The double, or the integer where that is exact. */
static void json_extreme(json_writer *json, const char *key, const canon_stats *stats, double real, uint64_t whole) {
  if (stats->whole == CANON_KIND_UINT) json_unsigned(json, key, whole);
  else if (stats->whole) json_signed(json, key, (int64_t)whole);
  else json_double(json, key, real);
}

static void json_stats(json_writer *json, const canon_stats *stats) {
  json_open(json, "stats", '{');
  json_unsigned(json, "elements", stats->elements);
  if (stats->known) {
    json_extreme(json, "min", stats, stats->min, stats->whole_min);
    json_extreme(json, "max", stats, stats->max, stats->whole_max);
    json_double(json, "mean", stats->mean);
    json_double(json, "norm", stats->norm);
    json_unsigned(json, "zeros", stats->zeros);
    json_unsigned(json, "nan", stats->nans);
    json_unsigned(json, "inf", stats->infinities);
  }
  json_close(json, '}');
}

static void json_tensor(json_writer *json, const struct listing_row *row, int stats) {
  const canon_node *node = row->node;
  json_open(json, NULL, '{');
  json_string(json, "path", row->path);
  json_string(json, "dtype", canon_dtype_name(node->dtype));
  json_open(json, "shape", '[');
  for (uint32_t d = 0; d < node->rank; d++) json_unsigned(json, NULL, node->shape[d]);
  json_close(json, ']');
  if (row->sha256) json_hex(json, "sha256", row->sha256, 32);
  if (row->key_kind) json_string(json, "key_kind", row->key_kind);
  if (stats) json_stats(json, &row->stats);
  json_unsigned(json, "bytes", row->bytes);
  if (node->offset == CANON_NONE) json_raw(json, "offset", "null");
  else json_unsigned(json, "offset", node->offset);
  if (node->storage != CANON_NONE) json_unsigned(json, "storage_bytes", node->storage_bytes);
  if (row->first) json_string(json, "shares", row->first->path);
  if (listing_strided(node)) {
    json_open(json, "stride", '[');
    for (uint32_t d = 0; d < node->rank; d++) json_signed(json, NULL, node->stride[d]);
    json_close(json, ']');
  }
  json_open(json, "flags", '[');
  for (size_t i = 0; i < listing_flag_count; i++)
    if (node->flags & listing_flags[i].flag) json_string(json, NULL, listing_flags[i].name);
  json_close(json, ']');
  json_close(json, '}');
}

static void json_value(json_writer *json, const struct listing_row *row) {
  json_open(json, NULL, '{');
  json_string(json, "path", row->path);
  json_string(json, "kind", canon_kind_name(row->node->kind));
  json_raw(json, "value", row->value);
  if (row->node->type) json_string(json, "type", row->node->type);
  if (row->node->flags & CANON_NODE_VOLATILE) json_boolean(json, "volatile", 1);
  if (row->key_kind) json_string(json, "key_kind", row->key_kind);
  json_close(json, '}');
}

static void json_details(json_writer *json, const canon_manifest *manifest) {
  json_open(json, "format_details", '{');
  for (uint64_t i = 0; i < manifest->n_details; i++) {
    const canon_detail *detail =
        (const canon_detail *)(const void *)((const char *)manifest->details + i * manifest->detail_size);
    if (detail->text) json_string(json, detail->name, detail->text);
    else json_signed(json, detail->name, detail->number);
  }
  json_close(json, '}');
}

void listing_print_json(const struct listing *listing, const canon_artifact *artifact, int digest, int stats) {
  json_writer json = {0};
  json_open(&json, NULL, '{');
  json_string(&json, "schema", "canon.info/1");
  json_string(&json, "file", canon_artifact_name(artifact));
  json_string(&json, "format", canon_artifact_format(artifact));
  json_string(&json, "producer", listing->manifest->producer);
  json_details(&json, listing->manifest);
  if (digest) {
    json_open(&json, "digest", '{');
    json_hex(&json, "canon1-tensors", listing->digest.tensors, sizeof listing->digest.tensors);
    json_hex(&json, "canon1-tree", listing->digest.tree, sizeof listing->digest.tree);
    json_close(&json, '}');
  }
  json_string(&json, "kernels", canon_kernels());
  json_open(&json, "tensors", '[');
  for (uint64_t i = 0; i < listing->n_tensors; i++) json_tensor(&json, &listing->tensors[i], stats);
  json_close(&json, ']');
  json_open(&json, "values", '[');
  for (uint64_t i = 0; i < listing->n_values; i++) json_value(&json, &listing->values[i]);
  json_close(&json, ']');
  json_unsigned(&json, "bytes", canon_artifact_size(artifact));
  json_close(&json, '}');
  json_end(&json);
}
