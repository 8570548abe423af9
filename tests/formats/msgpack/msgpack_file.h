/* SPDX-License-Identifier: MIT
 * msgpack_file.h: what becomes of msgpack bytes when canon reads and writes them. For the tests of this folder. */
#ifndef CANON_TESTS_MSGPACK_FILE_H
#define CANON_TESTS_MSGPACK_FILE_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/support.h"

/* A tree as text, as Python would print it where that is short: {'a': [1, None]}, b'78' (in hex), f32[2, 3], ... */
typedef struct printed {
  char *text;
  size_t size, capacity;
} printed;

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static inline void
print(printed *out, const char *format, ...) {
  va_list args;
  va_start(args, format);
  int n = vsnprintf(NULL, 0, format, args);
  va_end(args);
  if (out->size + (size_t)n + 1 > out->capacity) {
    out->capacity = 2 * out->capacity + (size_t)n + 64;
    out->text = realloc(out->text, out->capacity);
    assert_non_null(out->text);
  }
  va_start(args, format);
  vsnprintf(out->text + out->size, (size_t)n + 1, format, args);
  va_end(args);
  out->size += (size_t)n;
}

static inline double load_double(const void *bytes) {
  double value;
  memcpy(&value, bytes, sizeof value);
  return value;
}

static inline void print_integer(printed *out, const uint8_t *bytes, uint64_t size) {
  int is_negative = bytes[size - 1] >= 0x80;
  uint64_t value = is_negative ? UINT64_MAX : 0;
  assert_in_range(size, 1, 9);
  for (uint64_t i = 0; i < size && i < 8; i++)
    value = (value & ~(UINT64_C(0xFF) << 8 * i)) | (uint64_t)bytes[i] << 8 * i;
  if (is_negative) print(out, "%" PRId64, (int64_t)value);
  else print(out, "%" PRIu64, value);
}

static inline void print_scalar(printed *out, uint32_t kind, const void *data, uint64_t size) {
  const uint8_t *bytes = data;
  switch (kind) {
    case CANON_NODE_NONE: print(out, "None"); break;
    case CANON_NODE_BOOL: print(out, bytes[0] ? "True" : "False"); break;
    case CANON_NODE_INT: print_integer(out, bytes, size); break;
    case CANON_NODE_FLOAT:
      print(out, "%.17g%s", load_double(data), load_double(data) == (double)(int)load_double(data) ? ".0" : "");
      break;
    case CANON_NODE_COMPLEX: print(out, "(%.17g, %.17g)", load_double(data), load_double(bytes + 8)); break;
    case CANON_NODE_STR: print(out, "'%.*s'", (int)size, (const char *)data); break;
    default:
      print(out, "b'");
      for (uint64_t i = 0; i < size; i++) print(out, "%02x", bytes[i]);
      print(out, "'");
  }
}

static inline void print_node(printed *out, const canon_node *node) {
  static const uint32_t VALUE_KINDS[] = {
      [CANON_KEY_STR] = CANON_NODE_STR,   [CANON_KEY_BYTES] = CANON_NODE_BYTES, [CANON_KEY_INT] = CANON_NODE_INT,
      [CANON_KEY_BOOL] = CANON_NODE_BOOL, [CANON_KEY_NONE] = CANON_NODE_NONE,   [CANON_KEY_FLOAT] = CANON_NODE_FLOAT};
  if (node->key_kind == CANON_KEY_TUPLE) print(out, "%.*s: ", (int)node->key_size, (const char *)node->key);
  else if (node->key_kind > CANON_KEY_INDEX) {
    print_scalar(out, VALUE_KINDS[node->key_kind], node->key, node->key_size);
    print(out, ": ");
  }
  if (node->kind == CANON_NODE_DICT) print(out, "{");
  else if (node->kind == CANON_NODE_LIST) print(out, "[");
  else if (node->kind == CANON_NODE_OPAQUE)
    print(out, "<%s %.*s>", node->type, (int)node->data_size, (const char *)node->data);
  else if (node->kind != CANON_NODE_TENSOR) print_scalar(out, node->kind, node->data, node->data_size);
  else {
    print(out, "%s[", canon_dtype_name(node->dtype));
    for (uint32_t i = 0; i < node->rank; i++) print(out, "%s%" PRIu64, i ? ", " : "", node->shape[i]);
    print(out, "]");
  }
}

static inline printed print_tree(const canon_manifest *manifest) {
  printed out = {NULL, 0, 0};
  uint64_t open[CANON_MAX_DEPTH + 1];
  size_t depth = 0;
  for (uint64_t i = 0; i <= manifest->n_nodes; i++) {
    const canon_node *node = i < manifest->n_nodes ? canon_manifest_node(manifest, i) : NULL;
    while (depth && (!node || open[depth - 1] != node->parent))
      print(&out, canon_manifest_node(manifest, open[--depth])->kind == CANON_NODE_DICT ? "}" : "]");
    if (!node) break;
    if (node->parent != CANON_NONE) {
      assert_true(depth > 0);
      if (node->parent != i - 1) print(&out, ", ");
    }
    print_node(&out, node);
    if (node->kind == CANON_NODE_DICT || node->kind == CANON_NODE_LIST) open[depth++] = i;
  }
  return out;
}

/* What reading gave: a failure, or the tree and the elements of all its tensors, one tensor after the other. */
typedef struct outcome {
  int32_t code;
  char error[1024];
  char producer[32];
  char *text;    /* free() it */
  uint8_t *data; /* free() it */
  size_t bytes;
} outcome;

static inline int32_t read_tensors(canon_job *job, const canon_format *format, void *reader,
                                   const canon_manifest *manifest, outcome *result) {
  for (uint64_t i = 0; i < manifest->n_nodes; i++) {
    const canon_node *node = canon_manifest_node(manifest, i);
    uint64_t elements = 0;
    if (node->kind != CANON_NODE_TENSOR) continue;
    assert_true(canon_elements(node->shape, node->rank, &elements));
    size_t size = (size_t)(elements * canon_dtype_size(node->dtype));
    uint8_t *exact = malloc(size ? size : 1); /* exactly, so that a byte too many is seen */
    assert_non_null(exact);
    int32_t code = format->read(job, reader, i, 0, elements, exact);
    result->data = realloc(result->data, result->bytes + size + 1);
    assert_non_null(result->data);
    if (!code) memcpy(result->data + result->bytes, exact, size);
    result->bytes += size;
    free(exact);
    if (code) return code;
  }
  return CANON_OK;
}

/* Opens, reads everything, closes; nothing may be left behind. */
static inline outcome outcome_of(const void *file, size_t size) {
  const canon_format *format = support_format("msgpack");
  canon_job *job = support_job();
  outcome result = {.code = 0};
  void *reader = NULL;
  canon_manifest manifest = {.struct_size = sizeof manifest};
  result.code = format->open(job, NULL, support_source(job, file, size), &reader);
  if (!result.code) {
    assert_int_equal(format->manifest(job, reader, &manifest), CANON_OK);
    result.text = print_tree(&manifest).text;
    if (manifest.producer) snprintf(result.producer, sizeof result.producer, "%s", manifest.producer);
    result.code = read_tensors(job, format, reader, &manifest, &result);
  }
  if (reader) format->close(job, reader);
  assert_int_equal(result.code, support_code(job));
  assert_int_equal(support_leaked(job), 0);
  snprintf(result.error, sizeof result.error, "%s", support_error(job));
  support_job_free(job);
  return result;
}

static inline void forget(outcome *result) {
  free(result->text);
  free(result->data);
}

static inline void expect_tree(const void *file, size_t size, const char *text) {
  outcome got = outcome_of(file, size);
  if (got.code || strcmp(got.text, text) != 0)
    fail_msg("expected %s, got %s%s", text, got.error, got.text ? got.text : "");
  forget(&got);
}

static inline void expect_refused(const void *file, size_t size, int32_t code, const char *because) {
  outcome got = outcome_of(file, size);
  if (got.code != code || !strstr(got.error, because))
    fail_msg("expected %d and \"%s\", got %d and \"%s%s\"", (int)code, because, (int)got.code, got.error,
             got.text ? got.text : "");
  forget(&got);
}

/* Of a literal, without its terminator. */
#define EXPECT_TREE(file, text) expect_tree("" file, sizeof(file) - 1, text)
#define EXPECT_REFUSED(file, code, because) expect_refused("" file, sizeof(file) - 1, code, because)

/* Writes a manifest; tensors take their elements from data, one after the other. */
static inline int32_t write_tree(canon_job *job, const canon_instance *instance, const canon_manifest *manifest,
                                 const uint8_t *data, canon_sink *sink) {
  const canon_format *format = support_format("msgpack");
  void *writer = NULL;
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
    assert_true(code || extent.offset != CANON_NONE);
    if (!code) code = job->host->sink_write(job, sink, extent.offset, data, bytes);
    data += bytes;
  }
  if (!code) code = format->end(job, writer, NULL, 0, sizeof(canon_written));
  if (writer) format->release(job, writer);
  return code;
}

/* Reads a file and writes it, in the order that it has; the output is free()d by the caller. */
static inline uint8_t *rewrite(const void *file, size_t size, const char *dialect, size_t *written) {
  const canon_format *format = support_format("msgpack");
  canon_job *job = support_job();
  const canon_instance *instance = dialect ? support_instance(job, "dialect", dialect, NULL) : NULL;
  void *reader = NULL;
  canon_manifest manifest = {.struct_size = sizeof manifest};
  outcome got = outcome_of(file, size);
  if (got.code) fail_msg("%s", got.error);
  assert_int_equal(format->open(job, NULL, support_source(job, file, size), &reader), CANON_OK);
  assert_int_equal(format->manifest(job, reader, &manifest), CANON_OK);
  canon_sink *sink = support_sink(job);
  if (write_tree(job, instance, &manifest, got.data, sink)) fail_msg("%s", support_error(job));
  const uint8_t *bytes = support_bytes(sink, written);
  uint8_t *copy = malloc(*written + 1);
  assert_non_null(copy);
  memcpy(copy, bytes, *written);
  format->close(job, reader);
  assert_int_equal(support_leaked(job), 0);
  support_job_free(job);
  forget(&got);
  return copy;
}

static inline void expect_rewritten(const char *name, const void *file, size_t size, const char *dialect,
                                    const void *expected, size_t expected_size) {
  size_t written;
  uint8_t *bytes = rewrite(file, size, dialect, &written);
  if (written != expected_size || memcmp(bytes, expected, written) != 0)
    fail_msg("%s is written otherwise in the dialect %s", name, dialect ? dialect : "that is the default");
  free(bytes);
}

#endif
