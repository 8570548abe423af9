/* SPDX-License-Identifier: MIT
 * safetensors_file.h: safetensors files put together in memory, and what becomes of them when canon reads them. For the
 * tests of this folder. */
#ifndef CANON_TESTS_SAFETENSORS_FILE_H
#define CANON_TESTS_SAFETENSORS_FILE_H

#include "tests/formats/common/flat_file.h"

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

static inline outcome *outcome_of(const void *file, size_t size) {
  return read_outcome("safetensors", file, size, UINT64_MAX);
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
