/* SPDX-License-Identifier: MIT
 * safetensors_file.h: safetensors files put together in memory, and what becomes of them when canon reads them. For the
 * tests of this folder. */
#ifndef CANON_TESTS_SAFETENSORS_FILE_H
#define CANON_TESTS_SAFETENSORS_FILE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/support.h"

typedef struct made {
  uint8_t bytes[1 << 14];
  size_t size;
} made;

/* header: JSON; behind it `n` bytes of data. */
static inline made file_of(const char *header, size_t length, const void *data, size_t n) {
  made file = {.size = 8 + length + n};
  assert_true(file.size <= sizeof file.bytes);
  for (int i = 0; i < 8; i++) file.bytes[i] = (uint8_t)((uint64_t)length >> 8 * i);
  memcpy(file.bytes + 8, header, length);
  if (n) memcpy(file.bytes + 8 + length, data, n);
  return file;
}

/* What reading gave: a failure, or keys, tensors and texts in a row, and the elements of all tensors. */
typedef struct outcome {
  int32_t code;
  char error[1024];
  char text[4096];
  uint8_t data[4096];
  size_t bytes;
} outcome;

static inline void print_node(outcome *got, const canon_node *node) {
  size_t at = strlen(got->text), room = sizeof got->text - at;
  char *text = got->text + at;
  if (node->parent == CANON_NONE) return;
  int n = snprintf(text, room, "%s%.*s: ", node->parent ? "." : "", (int)node->key_size, (const char *)node->key);
  if (node->kind == CANON_NODE_DICT) return;
  if (node->kind == CANON_NODE_STR) {
    snprintf(text + n, room - (size_t)n, "'%.*s' ", (int)node->data_size, (const char *)node->data);
    return;
  }
  n += snprintf(text + n, room - (size_t)n, "%s[", canon_dtype_name(node->dtype));
  for (uint32_t i = 0; i < node->rank; i++)
    n += snprintf(text + n, room - (size_t)n, "%s%d", i ? ", " : "", (int)node->shape[i]);
  snprintf(text + n, room - (size_t)n, "] ");
}

/* Opens, reads every tensor, closes; nothing may be left behind. */
static inline outcome *outcome_of(const void *file, size_t size) {
  const canon_format *format = support_format("safetensors");
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
    got->code = format->read(job, reader, i, 0, elements, got->data + got->bytes);
    got->bytes += elements * width;
  }
  if (reader) format->close(job, reader);
  assert_int_equal(got->code, support_code(job));
  assert_int_equal(support_leaked(job), 0);
  snprintf(got->error, sizeof got->error, "%s", support_error(job));
  support_job_free(job);
  return got;
}

static inline void expect_tree(const made *file, const char *text, const void *data, size_t bytes) {
  outcome *got = outcome_of(file->bytes, file->size);
  if (got->code || strcmp(got->text, text) != 0) fail_msg("expected %s, got %s%s", text, got->error, got->text);
  assert_int_equal(got->bytes, bytes);
  if (bytes) assert_memory_equal(got->data, data, bytes);
  free(got);
}

static inline void expect_refused(const made *file, int32_t code, const char *because) {
  outcome *got = outcome_of(file->bytes, file->size);
  if (got->code != code || !strstr(got->error, because))
    fail_msg("%.60s: expected %d and \"%s\", got %d and \"%s%s\"", (const char *)file->bytes + 8, (int)code, because,
             (int)got->code, got->error, got->text);
  free(got);
}

#endif
