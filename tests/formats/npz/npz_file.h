/* SPDX-License-Identifier: MIT
 * npz_file.h: .npz files put together in memory, and what becomes of them when canon reads them. For the tests of this
 * folder. */
#ifndef CANON_TESTS_NPZ_FILE_H
#define CANON_TESTS_NPZ_FILE_H

#include "tests/formats/common/craft.h"
#include "tests/formats/common/flat_file.h"

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

static inline outcome *outcome_of(const void *file, size_t size, uint64_t piece) {
  return read_outcome("npz", file, size, piece);
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
