/* SPDX-License-Identifier: MIT
 * flat_file.h: what the tests of formats share that hold a flat dict of tensors: nodes to write, what writing them
 * gives, and what becomes of a file when it is read. */
#ifndef CANON_TESTS_FLAT_FILE_H
#define CANON_TESTS_FLAT_FILE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "tests/support/support.h"

/* Nodes */

static inline canon_manifest manifest_of(const canon_node *nodes, uint64_t n) {
  return (canon_manifest){
      .struct_size = sizeof(canon_manifest), .node_size = sizeof *nodes, .nodes = nodes, .n_nodes = n};
}

/* Under the key, or as an item where it is NULL. */
static inline canon_node container(uint32_t kind, uint64_t parent, const char *key) {
  canon_node node = {.kind = kind, .parent = parent, .target = CANON_NONE, .storage = CANON_NONE, .offset = CANON_NONE};
  if (parent == CANON_NONE) return node;
  node.key_kind = key ? CANON_KEY_STR : CANON_KEY_INDEX;
  node.key = key;
  node.key_size = key ? strlen(key) : 0;
  return node;
}

static inline canon_node leaf(uint32_t kind, uint64_t parent, const char *key, const char *data, uint64_t size) {
  canon_node node = container(kind, parent, key);
  node.data = data;
  node.data_size = size;
  return node;
}

static const uint64_t TWO[] = {2};

static inline canon_node tensor(uint64_t parent, const char *key, uint32_t dtype) {
  canon_node node = container(CANON_NODE_TENSOR, parent, key);
  node.dtype = dtype;
  node.rank = 1;
  node.shape = TWO;
  return node;
}

/* Writing */

/* Tensors take their bytes from data. Returns the failure. */
static inline int32_t write_tree(canon_job *job, const char *name, const canon_instance *instance,
                                 const canon_manifest *manifest, const uint8_t *data, canon_sink *sink) {
  const canon_format *format = support_format(name);
  void *writer = NULL;
  canon_written written[16];
  uint64_t n = 0;
  int32_t code = format->can_write(job, instance, manifest);
  if (!code) code = format->begin(job, instance, manifest, sink, &writer);
  for (uint64_t i = 0; !code && i < manifest->n_nodes; i++) {
    const canon_node *node = canon_manifest_node(manifest, i);
    canon_extent extent = {.struct_size = sizeof extent};
    uint64_t elements = 0;
    if (node->kind != CANON_NODE_TENSOR) continue;
    assert_true(canon_elements(node->shape, node->rank, &elements));
    uint64_t bytes = elements * canon_dtype_size(node->dtype);
    code = format->place(job, writer, i, &extent);
    if (!code) code = job->host->sink_write(job, sink, extent.offset, data, bytes);
    assert_true(n < sizeof written / sizeof *written);
    written[n++] = (canon_written){.node = i, .bytes = bytes, .crc32 = (uint32_t)crc32(0, data, (uInt)bytes)};
    data += bytes;
  }
  if (!code) code = format->end(job, writer, written, n, sizeof *written);
  if (writer) format->release(job, writer);
  return code;
}

/* option: may be NULL. */
static inline void expect_no_writing(const char *name, const canon_node *nodes, uint64_t n, const char *option,
                                     const char *value, int32_t code, const char *because) {
  canon_job *job = support_job();
  const canon_instance *instance = option ? support_instance(job, option, value, NULL) : NULL;
  canon_manifest manifest = manifest_of(nodes, n);
  int32_t got = support_format(name)->can_write(job, instance, &manifest);
  if (got != code || !strstr(support_error(job), because))
    fail_msg("expected %d \"%s\", got %d \"%s\"", (int)code, because, (int)got, support_error(job));
  assert_int_equal(support_leaked(job), 0);
  support_job_free(job);
}

/* Reading */

/* A failure, or what lies under each key, and the elements of all tensors in a row. */
typedef struct outcome {
  int32_t code;
  char error[1024];
  char text[4096];
  uint8_t data[1 << 16];
  size_t bytes;
} outcome;

static inline void print_node(outcome *got, const canon_node *node) {
  size_t at = strlen(got->text), room = sizeof got->text - at;
  char *text = got->text + at;
  int size = (int)node->data_size;
  if (node->parent == CANON_NONE) return;
  int n = snprintf(text, room, "%s%.*s: ", node->parent ? "." : "", (int)node->key_size, (const char *)node->key);
  text += n;
  room -= (size_t)n;
  if (node->kind == CANON_NODE_STR) snprintf(text, room, "'%.*s' ", size, (const char *)node->data);
  if (node->kind == CANON_NODE_BYTES) snprintf(text, room, "b'%.*s' ", size, (const char *)node->data);
  if (node->kind == CANON_NODE_OPAQUE) snprintf(text, room, "<%s %.*s> ", node->type, size, (const char *)node->data);
  if (node->kind != CANON_NODE_TENSOR) return;
  n = snprintf(text, room, "%s[", canon_dtype_name(node->dtype));
  for (uint32_t i = 0; i < node->rank; i++)
    n += snprintf(text + n, room - (size_t)n, "%s%d", i ? ", " : "", (int)node->shape[i]);
  snprintf(text + n, room - (size_t)n, "] ");
}

/* Opens, reads every tensor, closes; nothing may be left behind. piece: elements a call. */
static inline outcome *read_outcome(const char *name, const void *file, size_t size, uint64_t piece) {
  const canon_format *format = support_format(name);
  canon_job *job = support_job();
  outcome *got = calloc(1, sizeof *got);
  void *reader = NULL;
  canon_manifest manifest = {.struct_size = sizeof manifest};
  assert_non_null(got);
  got->code = format->open(job, NULL, support_source(job, file, size), &reader);
  if (!got->code) assert_int_equal(format->manifest(job, reader, &manifest), CANON_OK);
  for (uint64_t i = 0; i < manifest.n_nodes && !got->code; i++) {
    const canon_node *node = canon_manifest_node(&manifest, i);
    uint64_t elements = 0, width = canon_dtype_size(node->dtype);
    print_node(got, node);
    if (node->kind != CANON_NODE_TENSOR) continue;
    assert_true(canon_elements(node->shape, node->rank, &elements));
    assert_true(elements * width <= sizeof got->data - got->bytes);
    for (uint64_t first = 0; !got->code && (first < elements || !first); first += piece) {
      uint64_t count = elements - first < piece ? elements - first : piece;
      got->code = format->read(job, reader, i, first, count, got->data + got->bytes + first * width);
    }
    got->bytes += elements * width;
  }
  if (reader) format->close(job, reader);
  assert_int_equal(got->code, support_code(job));
  assert_int_equal(support_leaked(job), 0);
  snprintf(got->error, sizeof got->error, "%s", support_error(job));
  support_job_free(job);
  return got;
}

#endif
