/* SPDX-License-Identifier: MIT
 * write.c: a tree as one canonical .pt: the archive's layout is fixed before a byte of data is there.
 *
 *   archive/data.pkl | archive/data/0 | archive/data/1 | ... | archive/version
 *
 * Every record starts at a multiple of 64; the first storage at 320 or later, where ColBERT's memory-mapped reader
 * looks for it. Loads in every torch from 1.6 on that has the dtypes, with weights_only, and with mmap from 2.1. */
#include "formats/pt/write.h"

#include <inttypes.h>
#include <string.h>

#include <libdeflate.h>

#include "formats/common/arena.h"
#include "formats/common/zip_write.h"
#include "formats/pt/pt.h"

enum { ALIGNMENT = 64, FIRST_STORAGE = 320, LONGEST_PATH = 200 };

static const char VERSION[] = "3\n";

typedef struct pt_writer {
  arena memory; /* names */
  zip_layout layout;
  canon_sink *sink;
  uint8_t *pickle;
  uint64_t pickle_size;
  uint64_t *tensors; /* node of each storage */
  uint64_t n_tensors;
} pt_writer;

static uint64_t place_among_siblings(const canon_manifest *manifest, uint64_t at) {
  uint64_t parent = canon_manifest_node(manifest, at)->parent, n = 0;
  for (uint64_t i = parent + 1; i < at; i++) n += canon_manifest_node(manifest, i)->parent == parent;
  return n;
}

/* "/model/layers/0", for messages: cut at the front where it is long. */
static const char *path_of(const canon_manifest *manifest, uint64_t at, char buffer[LONGEST_PATH]) {
  char *start = buffer + LONGEST_PATH - 1, step[64];
  *start = 0;
  while (at != 0 && at < manifest->n_nodes) {
    const canon_node *node = canon_manifest_node(manifest, at);
    int n;
    if (node->key_kind == CANON_KEY_STR || node->key_kind == CANON_KEY_TUPLE)
      n = snprintf(step, sizeof step, "/%.*s", (int)(node->key_size < 60 ? node->key_size : 60),
                   (const char *)node->key);
    else if (node->key_kind == CANON_KEY_INDEX)
      n = snprintf(step, sizeof step, "/%" PRIu64, place_among_siblings(manifest, at));
    else n = snprintf(step, sizeof step, "/(key %" PRIu64 ")", place_among_siblings(manifest, at));
    if (n > start - buffer) break;
    start -= n;
    memcpy(start, step, (uint64_t)n);
    at = node->parent;
  }
  return *start ? start : "the root";
}

static int32_t check_leaf(canon_job *job, const canon_manifest *manifest, uint64_t at) {
  const canon_node *node = canon_manifest_node(manifest, at);
  char path[LONGEST_PATH];
  switch (node->kind) {
    case CANON_NODE_TENSOR:
      if (!pt_dtype_name(node->dtype))
        return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE,
                          "%s is a tensor of %s, which torch has not; --cast it first", path_of(manifest, at, path),
                          canon_dtype_name(node->dtype));
      return CANON_OK;
    case CANON_NODE_OPAQUE:
      return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE,
                        "%s is a %.100s, which canon does not interpret; leave it out: --select PATH, --exclude PATH "
                        "or --tensors-only",
                        path_of(manifest, at, path), node->type ? node->type : "value of a class of its own");
    case CANON_NODE_STR:
    case CANON_NODE_BYTES:
      if (node->data_size > INT32_MAX)
        return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE,
                          "%s has %" PRIu64
                          " bytes, more than a pickle of protocol 2 holds; leave it out: --exclude PATH",
                          path_of(manifest, at, path), node->data_size);
      return CANON_OK;
    case CANON_NODE_INT:
      if (node->data_size > 0xFF)
        canon_log(job, CANON_LOG_WARNING,
                  "%s is an int of %" PRIu64 " bytes: torch.load takes it only with weights_only=False",
                  path_of(manifest, at, path), node->data_size);
      return CANON_OK;
    case CANON_NODE_REF:
      return canon_fail(job, CANON_E_PLUGIN, CANON_NONE, "%s is a ref, which a canonical tree has none of",
                        path_of(manifest, at, path));
    default: return CANON_OK;
  }
}

static int32_t check_key(canon_job *job, const canon_manifest *manifest, uint64_t at) {
  const canon_node *node = canon_manifest_node(manifest, at);
  char path[LONGEST_PATH];
  if (node->key_kind == CANON_KEY_TUPLE)
    return canon_fail(
        job, CANON_E_UNSUPPORTED, CANON_NONE,
        "%s has a tuple for a key, which canon keeps only as text; leave it out: --select PATH, --exclude PATH",
        path_of(manifest, at, path));
  if (node->key_size > INT32_MAX)
    return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE,
                      "a key of %" PRIu64 " bytes, more than a pickle of protocol 2 holds", node->key_size);
  return CANON_OK;
}

int32_t pt_can_write(canon_job *job, const canon_instance *instance, const canon_manifest *manifest) {
  (void)instance;
  char path[LONGEST_PATH];
  int32_t code = CANON_OK;
  uint8_t *in_set = canon_alloc(job, manifest->n_nodes + 1); /* a set's items, and what is in tuples among them */
  if (!in_set) return canon_failed(job);
  for (uint64_t i = 0; i < manifest->n_nodes && !code; i++) {
    const canon_node *node = canon_manifest_node(manifest, i);
    uint32_t parent = node->parent == CANON_NONE ? 0 : canon_manifest_node(manifest, node->parent)->kind;
    in_set[i] = parent == CANON_NODE_SET || (parent == CANON_NODE_TUPLE && in_set[node->parent]);
    if (in_set[i] && (node->kind == CANON_NODE_DICT || node->kind == CANON_NODE_LIST || node->kind == CANON_NODE_SET))
      code =
          canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE,
                     "%s lies in a set, and Python makes no sets of dicts, lists or sets; leave it out: --exclude PATH",
                     path_of(manifest, i, path));
    if (!code) code = check_leaf(job, manifest, i);
    if (!code) code = check_key(job, manifest, i);
  }
  canon_free(job, in_set);
  return code;
}

static int32_t add_storages(canon_job *job, pt_writer *writer, const canon_manifest *manifest) {
  writer->tensors = canon_alloc(job, (manifest->n_nodes + 1) * sizeof *writer->tensors);
  if (!writer->tensors) return canon_failed(job);
  for (uint64_t i = 0; i < manifest->n_nodes; i++) {
    const canon_node *node = canon_manifest_node(manifest, i);
    uint64_t bytes;
    char name[40];
    if (node->kind != CANON_NODE_TENSOR) continue;
    if (!canon_elements(node->shape, node->rank, &bytes) || !canon_mul(bytes, canon_dtype_size(node->dtype), &bytes))
      return canon_fail(job, CANON_E_LIMIT, CANON_NONE, "a tensor with more bytes than 64 bits count");
    int length = snprintf(name, sizeof name, "archive/data/%" PRIu64, writer->n_tensors);
    const char *kept = arena_text(job, &writer->memory, name, (uint64_t)length);
    if (!kept) return canon_failed(job);
    int32_t code = zip_layout_add(job, &writer->layout, kept, bytes, ALIGNMENT, writer->n_tensors ? 0 : FIRST_STORAGE);
    if (code) return code;
    writer->tensors[writer->n_tensors++] = i;
  }
  return CANON_OK;
}

int32_t pt_begin(canon_job *job, const canon_instance *instance, const canon_manifest *manifest, canon_sink *sink,
                 void **state) {
  (void)instance;
  pt_writer *writer = canon_alloc(job, sizeof *writer);
  if (!writer) return canon_failed(job);
  writer->sink = sink;
  int32_t code = pt_pickle_manifest(job, manifest, &writer->pickle, &writer->pickle_size);
  if (!code) code = zip_layout_add(job, &writer->layout, "archive/data.pkl", writer->pickle_size, ALIGNMENT, 0);
  if (!code) code = add_storages(job, writer, manifest);
  if (!code) code = zip_layout_add(job, &writer->layout, "archive/version", sizeof VERSION - 1, ALIGNMENT, 0);
  if (code) pt_release(job, writer);
  else *state = writer;
  return code;
}

int32_t pt_place(canon_job *job, void *state, uint64_t node, canon_extent *extent) {
  const pt_writer *writer = state;
  uint64_t low = 0, high = writer->n_tensors;
  while (low < high) {
    uint64_t middle = low + (high - low) / 2;
    if (writer->tensors[middle] < node) low = middle + 1;
    else high = middle;
  }
  if (low == writer->n_tensors || writer->tensors[low] != node)
    return canon_fail(job, CANON_E_PLUGIN, CANON_NONE, "node %" PRIu64 " is no tensor of this file", node);
  extent->offset = writer->layout.entries[1 + low].data; /* entry 0 is data.pkl */
  return CANON_OK;
}

static int32_t take_checksums(canon_job *job, pt_writer *writer, const canon_written *written, uint64_t n,
                              uint32_t size) {
  for (uint64_t i = 0; i < writer->n_tensors; i++) {
    const canon_written *one = (const canon_written *)(const void *)((const char *)written + i * size);
    zip_entry *entry = &writer->layout.entries[1 + i];
    if (n != writer->n_tensors || one->node != writer->tensors[i] || one->bytes != entry->size)
      return canon_fail(job, CANON_E_PLUGIN, CANON_NONE, "record %s: not all of its %" PRIu64 " bytes were written",
                        entry->name, entry->size);
    entry->crc32 = one->crc32;
  }
  return CANON_OK;
}

static int32_t write_record(canon_job *job, pt_writer *writer, zip_entry *entry, const void *bytes) {
  entry->crc32 = libdeflate_crc32(0, bytes, entry->size);
  return job->host->sink_write(job, writer->sink, entry->data, bytes, entry->size);
}

int32_t pt_end(canon_job *job, void *state, const canon_written *written, uint64_t n_written, uint32_t written_size) {
  pt_writer *writer = state;
  zip_entry *entries = writer->layout.entries;
  int32_t code = take_checksums(job, writer, written, n_written, written_size);
  if (!code) code = write_record(job, writer, &entries[0], writer->pickle);
  if (!code) code = write_record(job, writer, &entries[writer->layout.n_entries - 1], VERSION);
  return code ? code : zip_layout_write(job, &writer->layout, writer->sink);
}

void pt_release(canon_job *job, void *state) {
  pt_writer *writer = state;
  zip_layout_free(job, &writer->layout);
  arena_free(job, &writer->memory);
  canon_free(job, writer->pickle);
  canon_free(job, writer->tensors);
  canon_free(job, writer);
}
