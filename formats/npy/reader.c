/* SPDX-License-Identifier: MIT
 * reader.c: an open .npy file: its manifest of one tensor, and its elements in C order and the machine's byte order. */
#include <pthread.h>
#include <string.h>

#include "formats/npy/npy.h"

#define MAX_DETAILS 5

typedef struct npy_reader {
  const canon_source *source;
  npy_header header;
  canon_node node;
  int64_t stride[CANON_MAX_RANK];
  canon_detail details[MAX_DETAILS];
  uint64_t n_details;
  char version[8];
  /* Fortran order: turned once, by whichever thread reads first. */
  int turns;
  int is_turned;
  npy_fortran turned;
  pthread_mutex_t turning;
} npy_reader;

static int32_t look_behind(canon_job *job, npy_reader *reader);
static void describe(npy_reader *reader, uint64_t behind);

int32_t npy_open(canon_job *job, const canon_instance *instance, const canon_source *source, void **out) {
  npy_reader *reader = canon_alloc(job, sizeof *reader);
  if (!reader) return canon_failed(job);
  pthread_mutex_init(&reader->turning, NULL);
  *out = reader;
  reader->source = source;
  int32_t code = npy_header_read(job, instance, source, &reader->header);
  if (code) return code;
  reader->turns = npy_fortran_differs(&reader->header);
  return look_behind(job, reader);
}

/* What follows the array is no part of it. Another array there would be lost without a word: that is refused. */
static int32_t look_behind(canon_job *job, npy_reader *reader) {
  uint64_t end = reader->header.data + reader->header.bytes;
  uint64_t behind = job->host->source_size(job, reader->source) - end;
  if (behind >= NPY_MAGIC_BYTES) {
    char magic[NPY_MAGIC_BYTES];
    int32_t code = job->host->source_read(job, reader->source, end, magic, sizeof magic);
    if (code) return code;
    if (!memcmp(magic, NPY_MAGIC, NPY_MAGIC_BYTES))
      return canon_fail(job, CANON_E_UNSUPPORTED, end,
                        "a second array follows the first; save each to a file of its own");
  }
  if (behind) {
    canon_log(job, CANON_LOG_WARNING, "%" PRIu64 " bytes after the array, from byte %" PRIu64 ", are no part of it",
              behind, end);
    job->host->count(job, "bytes after the array, not read", behind);
  }
  describe(reader, behind);
  return CANON_OK;
}

static void add_detail(npy_reader *reader, const char *name, const char *text, uint64_t number) {
  reader->details[reader->n_details++] = (canon_detail){name, text, (int64_t)number};
}

static void describe(npy_reader *reader, uint64_t behind) {
  const npy_header *header = &reader->header;
  snprintf(reader->version, sizeof reader->version, "%u.0", header->version);
  add_detail(reader, "version", reader->version, 0);
  add_detail(reader, "descr", header->descr, 0);
  add_detail(reader, "fortran_order", header->fortran ? "True" : "False", 0);
  add_detail(reader, "header_bytes", NULL, header->data);
  if (behind) add_detail(reader, "bytes_after_array", NULL, behind);

  reader->node = (canon_node){.kind = CANON_NODE_TENSOR,
                              .parent = CANON_NONE,
                              .target = CANON_NONE,
                              .attribute_size = sizeof(canon_attribute),
                              .dtype = header->dtype,
                              .rank = header->rank,
                              .shape = header->shape,
                              .storage = CANON_NONE,
                              .storage_bytes = header->bytes,
                              .offset = header->data};
  if (!reader->turns) return;
  int64_t step = 1;
  for (uint32_t i = 0; i < header->rank; i++) {
    reader->stride[i] = step;
    step *= (int64_t)header->shape[i];
  }
  reader->node.stride = reader->stride;
}

int32_t npy_manifest(canon_job *job, void *self, canon_manifest *manifest) {
  npy_reader *reader = self;
  (void)job;
  manifest->node_size = sizeof(canon_node);
  manifest->nodes = &reader->node;
  manifest->n_nodes = 1;
  manifest->producer = reader->header.spelled_by_numpy ? "numpy" : NULL;
  manifest->details = reader->details;
  manifest->n_details = reader->n_details;
  manifest->detail_size = sizeof(canon_detail);
  return CANON_OK;
}

/* Byte of the file that holds element i of the C order. */
static uint64_t element_offset(const npy_reader *reader, uint64_t i) {
  const npy_header *header = &reader->header;
  uint64_t at = i;
  if (reader->turns) {
    at = 0;
    for (uint32_t axis = header->rank; axis-- > 0; i /= header->shape[axis])
      at += i % header->shape[axis] * (uint64_t)reader->stride[axis];
  }
  return header->data + at * canon_dtype_size(header->dtype);
}

static int32_t check_bools(canon_job *job, const npy_reader *reader, uint64_t first, uint64_t count,
                           const uint8_t *values) {
  uint8_t any = 0;
  for (uint64_t i = 0; i < count; i++) any |= values[i];
  if (any <= 1) return CANON_OK;
  uint64_t i = 0;
  while (values[i] <= 1) i++;
  return canon_fail(job, CANON_E_MALFORMED, element_offset(reader, first + i),
                    "element %" PRIu64 " of a bool array is %u, neither 0 nor 1", first + i, values[i]);
}

static inline void swap_each(uint8_t *bytes, uint64_t n, uint32_t width) {
  for (; n; n--, bytes += width)
    for (uint32_t i = 0; i < width / 2; i++) {
      uint8_t byte = bytes[i];
      bytes[i] = bytes[width - 1 - i];
      bytes[width - 1 - i] = byte;
    }
}

static int machine_is_big_endian(void) {
  const uint16_t one = 1;
  uint8_t first;
  memcpy(&first, &one, 1);
  return first == 0;
}

static void to_machine_order(const npy_header *header, void *values, uint64_t bytes) {
  uint32_t width = canon_dtype_size(header->dtype);
  if (canon_dtype_kind(header->dtype) == CANON_KIND_COMPLEX) width /= 2;
  if ((int)header->big_endian == machine_is_big_endian()) return;
  if (width == 2) swap_each(values, bytes / 2, 2);
  if (width == 4) swap_each(values, bytes / 4, 4);
  if (width == 8) swap_each(values, bytes / 8, 8);
}

static int32_t turn(canon_job *job, npy_reader *reader) {
  int32_t code = CANON_OK;
  pthread_mutex_lock(&reader->turning);
  if (!reader->is_turned) {
    code = npy_fortran_turn(job, reader->source, &reader->header, &reader->turned);
    reader->is_turned = !code;
  }
  pthread_mutex_unlock(&reader->turning);
  return code;
}

static int32_t read_bytes(canon_job *job, npy_reader *reader, uint64_t offset, void *dst, uint64_t bytes) {
  if (!reader->turns) return job->host->source_read(job, reader->source, reader->header.data + offset, dst, bytes);
  int32_t code = turn(job, reader);
  if (code) return code;
  if (!reader->turned.memory) return job->host->source_read(job, reader->turned.scratch, offset, dst, bytes);
  memcpy(dst, reader->turned.memory + offset, bytes);
  return CANON_OK;
}

int32_t npy_read(canon_job *job, void *self, uint64_t node, uint64_t first, uint64_t count, void *dst) {
  npy_reader *reader = self;
  const npy_header *header = &reader->header;
  if (node || first > header->elements || count > header->elements - first)
    return canon_fail(job, CANON_E_USAGE, CANON_NONE,
                      "%" PRIu64 " elements from %" PRIu64 " of node %" PRIu64 ", the array has %" PRIu64, count, first,
                      node, header->elements);
  if (!count) return CANON_OK;
  uint32_t size = canon_dtype_size(header->dtype);
  int32_t code = read_bytes(job, reader, first * size, dst, count * size);
  if (code) return code;
  to_machine_order(header, dst, count * size);
  return header->dtype == CANON_BOOL ? check_bools(job, reader, first, count, dst) : CANON_OK;
}

void npy_close(canon_job *job, void *self) {
  npy_reader *reader = self;
  pthread_mutex_destroy(&reader->turning);
  canon_free(job, reader->turned.memory);
  canon_free(job, reader);
}
