/* SPDX-License-Identifier: MIT
 * npy_file.h: .npy files made in memory, and what becomes of them when canon reads them. For the tests of this folder.
 */
#ifndef CANON_TESTS_NPY_FILE_H
#define CANON_TESTS_NPY_FILE_H

#include <stdlib.h>
#include <string.h>

#include "tests/support/support.h"

/* Magic, version and length, `length` bytes of text, n of data; free() it. */
static inline uint8_t *npy_file(uint32_t version, const char *text, size_t length, const void *data, size_t n,
                                size_t *size) {
  size_t preamble = version == 1 ? 10 : 12;
  uint8_t *file = calloc(1, preamble + length + n + 1);
  assert_non_null(file);
  memcpy(file, "\x93NUMPY", 6);
  file[6] = (uint8_t)version;
  for (size_t i = 8; i < preamble; i++) file[i] = (uint8_t)(length >> 8 * (i - 8));
  memcpy(file + preamble, text, length);
  if (n) memcpy(file + preamble + length, data, n);
  *size = preamble + length + n;
  return file;
}

/* What reading a file gave: a failure, or the tensor with all its elements. */
typedef struct outcome {
  int32_t code;
  char error[1024];
  uint32_t dtype, rank;
  uint64_t shape[CANON_MAX_RANK];
  uint64_t elements;
  size_t bytes;
  uint8_t *data; /* free() it */
} outcome;

/* Opens, reads everything in one call, closes; nothing may be left behind. ml_dtype NULL: the option is not given. */
static inline outcome outcome_of(const uint8_t *file, size_t size, const char *ml_dtype) {
  const canon_format *npy = support_format("npy");
  canon_job *job = support_job();
  const canon_instance *instance = ml_dtype ? support_instance(job, "ml-dtype", ml_dtype, NULL) : NULL;
  outcome result = {0};
  void *reader = NULL;
  result.code = npy->open(job, instance, support_source(job, file, size), &reader);
  if (!result.code) {
    canon_manifest manifest = {.struct_size = sizeof manifest};
    assert_int_equal(npy->manifest(job, reader, &manifest), CANON_OK);
    assert_int_equal(manifest.n_nodes, 1);
    const canon_node *node = canon_manifest_node(&manifest, 0);
    assert_int_equal(node->kind, CANON_NODE_TENSOR);
    result.dtype = node->dtype;
    result.rank = node->rank;
    if (node->rank) memcpy(result.shape, node->shape, node->rank * sizeof *node->shape);
    assert_true(canon_elements(node->shape, node->rank, &result.elements));
    result.bytes = (size_t)(result.elements * canon_dtype_size(node->dtype));
    result.data = malloc(result.bytes + 1);
    assert_non_null(result.data);
    result.code = npy->read(job, reader, 0, 0, result.elements, result.data);
  }
  if (reader) npy->close(job, reader);
  assert_int_equal(result.code, support_code(job));
  assert_int_equal(support_leaked(job), 0);
  strncpy(result.error, support_error(job), sizeof result.error - 1);
  support_job_free(job);
  return result;
}

static inline outcome outcome_of_file(const char *path, const char *ml_dtype) {
  size_t size;
  uint8_t *file = support_slurp(path, &size);
  outcome result = outcome_of(file, size, ml_dtype);
  free(file);
  return result;
}

static inline void assert_refused(const outcome *got, int32_t code, const char *because) {
  if (got->code != code || !strstr(got->error, because))
    fail_msg("expected %d and \"%s\", got %d and \"%s\"", (int)code, because, (int)got->code, got->error);
}

static inline void assert_same_tensor(const outcome *a, const outcome *b) {
  assert_int_equal(a->code, CANON_OK);
  assert_int_equal(b->code, CANON_OK);
  assert_int_equal(a->dtype, b->dtype);
  assert_int_equal(a->rank, b->rank);
  if (a->rank) assert_memory_equal(a->shape, b->shape, a->rank * sizeof a->shape[0]);
  assert_int_equal(a->bytes, b->bytes);
  if (a->bytes) assert_memory_equal(a->data, b->data, a->bytes);
}

#endif
