/* SPDX-License-Identifier: MIT
 * pt_file.h: .pt files put together in memory from a pickle and its storages, and what becomes of them when canon reads
 * them. For the tests of this folder. */
#ifndef CANON_TESTS_PT_FILE_H
#define CANON_TESTS_PT_FILE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/host/job.h"
#include "tests/formats/common/craft.h"
#include "tests/support/support.h"

/* A pickle that is being written. */
typedef struct script {
  char bytes[8192];
  size_t size;
} script;

static inline void put_bytes(script *out, const void *bytes, size_t size) {
  assert_true(size <= sizeof out->bytes - out->size);
  memcpy(out->bytes + out->size, bytes, size);
  out->size += size;
}

/* Opcodes as text: a NUL byte needs put_bytes. */
static inline void put(script *out, const char *opcodes) { put_bytes(out, opcodes, strlen(opcodes)); }

static inline void put_number(script *out, int64_t value) {
  put(out, "\x8A\x08");
  for (int i = 0; i < 8; i++) put_bytes(out, &(char){(char)((uint64_t)value >> 8 * i)}, 1);
}

static inline void put_text(script *out, const char *text) {
  put(out, "\x8C");
  put_bytes(out, &(char){(char)strlen(text)}, 1);
  put(out, text);
}

static inline void put_tuple(script *out, const int64_t *items, int n) {
  put(out, "(");
  for (int i = 0; i < n; i++) put_number(out, items[i]);
  put(out, "t");
}

/* One dense tensor as torch.save writes it. */
typedef struct dense {
  const char *class, *key;
  int64_t numel, offset;
  int rank;
  int64_t size[4], stride[4];
} dense;

static inline void put_tensor(script *out, const dense *tensor) {
  put(out, "ctorch._utils\n_rebuild_tensor_v2\n((");
  put_text(out, "storage");
  put(out, "ctorch\n");
  put(out, tensor->class);
  put(out, "\n");
  put_text(out, tensor->key);
  put_text(out, "cpu");
  put_number(out, tensor->numel);
  put(out, "tQ");
  put_number(out, tensor->offset);
  put_tuple(out, tensor->size, tensor->rank);
  put_tuple(out, tensor->stride, tensor->rank);
  put(out,
      "\x89"
      "ccollections\nOrderedDict\n)RtR");
}

static craft pt_archive; /* 64 KiB: too large for some stacks */

typedef struct record {
  const char *name;
  const void *bytes;
  size_t size;
} record;

/* archive/data.pkl, the records, archive/version; the result is pt_archive. */
static inline void make_file(const script *pickled, const record *records, uint32_t n) {
  craft_member members[16];
  assert_true(n <= 14);
  members[0] = craft_stored("archive/data.pkl", pickled->bytes, pickled->size);
  for (uint32_t i = 0; i < n; i++) members[1 + i] = craft_stored(records[i].name, records[i].bytes, records[i].size);
  members[1 + n] = craft_stored("archive/version", "3\n", 2);
  craft_archive(&pt_archive, members, n + 2);
}

/* What opening a file and reading all of its tensors gave. */
typedef struct outcome {
  int32_t code;
  char error[1024];
  uint64_t n_nodes;
  size_t n_bytes;
  uint8_t bytes[4096]; /* the elements of all tensors, one behind the other */
  uint32_t checksum;   /* of the tree: kinds, keys, shapes, values; and of the elements */
} outcome;

static inline uint32_t checksum(uint32_t crc, const void *bytes, size_t size) {
  return size ? (uint32_t)crc32(crc, bytes, (uInt)size) : crc;
}

static inline void take_node(outcome *result, const canon_node *node) {
  uint64_t numbers[] = {node->kind, node->parent, node->key_kind, node->dtype, node->rank, node->flags, node->target};
  result->checksum = checksum(result->checksum, numbers, sizeof numbers);
  result->checksum = checksum(result->checksum, node->key, node->key_size);
  result->checksum = checksum(result->checksum, node->data, node->data_size);
  if (node->rank) result->checksum = checksum(result->checksum, node->shape, node->rank * sizeof *node->shape);
}

static inline int32_t take_tensor(outcome *result, canon_job *job, void *reader, uint64_t at, const canon_node *node,
                                  uint64_t block) {
  uint64_t elements = 0, size = canon_dtype_size(node->dtype);
  assert_true(canon_elements(node->shape, node->rank, &elements));
  for (uint64_t first = 0; first < elements; first += block) {
    uint64_t count = elements - first < block ? elements - first : block;
    uint8_t *dst = malloc(count * size); /* exactly, so that a byte too many is seen */
    assert_non_null(dst);
    int32_t code = support_format("pt")->read(job, reader, at, first, count, dst);
    if (!code) {
      result->checksum = checksum(result->checksum, dst, count * size);
      if (count * size <= sizeof result->bytes - result->n_bytes) {
        memcpy(result->bytes + result->n_bytes, dst, count * size);
        result->n_bytes += count * size;
      }
    }
    free(dst);
    if (code) return code;
  }
  return CANON_OK;
}

/* Reads tensors in blocks of so many elements; nothing may be left behind, and every failure has a text. The reader's
 * allocation number `fail_at` fails (0: none); *reached: whether there was one. */
static inline outcome outcome_failing(const void *bytes, size_t size, uint64_t block, uint64_t fail_at, int *reached) {
  const canon_format *pt = support_format("pt");
  canon_job *job = support_job();
  outcome result = {0};
  void *reader = NULL;
  canon_manifest manifest = {.struct_size = sizeof manifest};
  job_budget(job_of(job), (UINT64_C(64) << 20) + 32 * (uint64_t)size); /* what a reader gets */
  const canon_source *source = support_source(job, bytes, size);
  support_fail_allocation(fail_at);
  result.code = pt->open(job, NULL, source, &reader);
  if (!result.code) result.code = pt->manifest(job, reader, &manifest);
  for (uint64_t i = 0; !result.code && i < manifest.n_nodes; i++) {
    const canon_node *node = canon_manifest_node(&manifest, i);
    result.n_nodes++;
    take_node(&result, node);
    if (node->kind == CANON_NODE_TENSOR) result.code = take_tensor(&result, job, reader, i, node, block);
  }
  if (reader) pt->close(job, reader);
  *reached = support_fail_allocation(0);
  assert_int_equal(result.code, support_code(job));
  assert_int_equal(support_leaked(job), 0);
  snprintf(result.error, sizeof result.error, "%s", support_error(job));
  if (result.code) assert_true(result.error[0]);
  support_job_free(job);
  return result;
}

static inline outcome outcome_in_blocks(const void *bytes, size_t size, uint64_t block) {
  int reached;
  return outcome_failing(bytes, size, block, 0, &reached);
}

static inline outcome outcome_of(const void *bytes, size_t size) { return outcome_in_blocks(bytes, size, UINT64_MAX); }

static inline void expect_refused(const void *bytes, size_t size, int32_t code, const char *because) {
  outcome got = outcome_of(bytes, size);
  if (got.code != code || !strstr(got.error, because))
    fail_msg("expected %d and \"%s\", got %d and \"%s\"", (int)code, because, (int)got.code, got.error);
}

/* A dict of a float tensor 2x2 and an int64 tensor of which one element is seen, and some values; some 750 bytes. */
static inline void make_small_file(void) {
  static const float FLOATS[] = {1.5f, -2, 3, 0};
  static const int64_t INTEGERS[] = {7, -8, 9};
  script pickled = {.size = 0};
  put(&pickled, "\x80\x02}(");
  put_text(&pickled, "w");
  put_tensor(&pickled, &(dense){"FloatStorage", "0", 4, 0, 2, {2, 2}, {1, 2}});
  put_text(&pickled, "i");
  put_tensor(&pickled, &(dense){"LongStorage", "1", 3, 1, 1, {1}, {1}});
  put_text(&pickled, "name");
  put_text(&pickled, "small");
  put(&pickled, "K\5](N\x88K\7\x65u.");
  make_file(&pickled,
            (const record[]){{"archive/data/0", FLOATS, sizeof FLOATS}, {"archive/data/1", INTEGERS, sizeof INTEGERS}},
            2);
}

#endif
