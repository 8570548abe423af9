/* SPDX-License-Identifier: MIT
 * npz_file.h: .npz files put together in memory, and what becomes of them when canon reads them. For the tests of this
 * folder. */
#ifndef CANON_TESTS_NPZ_FILE_H
#define CANON_TESTS_NPZ_FILE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/formats/common/craft.h"
#include "tests/support/support.h"

/* One .npy: its header and elements. */
typedef struct array_file {
  uint8_t bytes[4096];
  size_t size;
} array_file;

/* dict: the text of the header, without padding. */
static inline array_file npy_of(const char *dict, const void *elements, size_t n) {
  array_file file = {.size = 0};
  size_t length = strlen(dict);
  memcpy(file.bytes, "\x93NUMPY\x01\x00", 8);
  file.bytes[8] = (uint8_t)length;
  file.bytes[9] = (uint8_t)(length >> 8);
  memcpy(file.bytes + 10, dict, length);
  if (n) memcpy(file.bytes + 10 + length, elements, n);
  file.size = 10 + length + n;
  return file;
}

#define DICT(descr, order, shape) "{'descr': '" descr "', 'fortran_order': " order ", 'shape': " shape ", }"

/* A member whose data is deflated into `packed`, which must live as long. */
static inline craft_member deflated(const char *name, const void *data, size_t size, uint8_t *packed, size_t capacity) {
  craft_member member = craft_stored(name, data, size);
  z_stream stream = {
      .next_in = (Bytef *)(uintptr_t)data, .avail_in = (uInt)size, .next_out = packed, .avail_out = (uInt)capacity};
  assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
  member.method = 8;
  member.data = packed;
  member.packed = (uint32_t)stream.total_out;
  deflateEnd(&stream);
  return member;
}

/* What reading gave: a failure, or what lies under each key and the elements of all tensors in a row. */
typedef struct outcome {
  int32_t code;
  char error[1024];
  char text[2048];
  uint8_t data[1 << 16];
  size_t bytes;
} outcome;

static inline void print_node(outcome *got, const canon_node *node) {
  size_t at = strlen(got->text), room = sizeof got->text - at;
  char *text = got->text + at;
  if (node->kind == CANON_NODE_DICT) return;
  if (node->kind == CANON_NODE_BYTES) {
    snprintf(text, room, "%.*s: b'%.*s' ", (int)node->key_size, (const char *)node->key, (int)node->data_size,
             (const char *)node->data);
    return;
  }
  if (node->kind == CANON_NODE_OPAQUE) {
    snprintf(text, room, "%.*s: <%s %.*s> ", (int)node->key_size, (const char *)node->key, node->type,
             (int)node->data_size, (const char *)node->data);
    return;
  }
  int n =
      snprintf(text, room, "%.*s: %s[", (int)node->key_size, (const char *)node->key, canon_dtype_name(node->dtype));
  for (uint32_t i = 0; i < node->rank; i++)
    n += snprintf(text + n, room - (size_t)n, "%s%d", i ? ", " : "", (int)node->shape[i]);
  snprintf(text + n, room - (size_t)n, "] ");
}

/* Opens, reads every tensor, closes; nothing may be left behind. piece: elements a call. */
static inline outcome *outcome_of(const void *file, size_t size, uint64_t piece) {
  const canon_format *format = support_format("npz");
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

static inline void expect_tree(const craft *file, const char *text, const void *data, size_t bytes) {
  for (uint64_t piece = 1; piece < 100; piece += 50) {
    outcome *got = outcome_of(file->bytes, file->size, piece);
    if (got->code || strcmp(got->text, text) != 0) fail_msg("expected %s, got %s%s", text, got->error, got->text);
    assert_int_equal(got->bytes, bytes);
    if (bytes) assert_memory_equal(got->data, data, bytes);
    free(got);
  }
}

static inline void expect_refused(const craft *file, int32_t code, const char *because) {
  outcome *got = outcome_of(file->bytes, file->size, 100);
  if (got->code != code || !strstr(got->error, because))
    fail_msg("expected %d and \"%s\", got %d and \"%s%s\"", (int)code, because, (int)got->code, got->error, got->text);
  free(got);
}

#endif
