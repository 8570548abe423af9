/* SPDX-License-Identifier: MIT
 * reader.c: an open .npy file: its manifest of one tensor, and its elements in C order and the machine's byte order. */
#include <pthread.h>
#include <string.h>

#include "formats/npy/npy.h"

#define MAX_DETAILS 5

typedef struct npy_reader {
  npy_bytes bytes;
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
  reader->bytes = (npy_bytes){.source = source, .size = job->host->source_size(job, source)};
  int32_t code = npy_header_read(job, instance, &reader->bytes, &reader->header);
  if (code) return code;
  reader->turns = npy_fortran_differs(&reader->header);
  return look_behind(job, reader);
}

/* What follows the array is no part of it. Another array there would be lost without a word: that is refused. */
static int32_t look_behind(canon_job *job, npy_reader *reader) {
  uint64_t end = reader->header.data + reader->header.bytes;
  uint64_t behind = reader->bytes.size - end;
  if (behind >= NPY_MAGIC_BYTES) {
    char magic[NPY_MAGIC_BYTES];
    int32_t code = job->host->source_read(job, reader->bytes.source, end, magic, sizeof magic);
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

static int32_t turn(canon_job *job, npy_reader *reader) {
  int32_t code = CANON_OK;
  pthread_mutex_lock(&reader->turning);
  if (!reader->is_turned) {
    code = npy_fortran_turn(job, &reader->bytes, &reader->header, &reader->turned);
    reader->is_turned = !code;
  }
  pthread_mutex_unlock(&reader->turning);
  return code;
}

static int32_t read_bytes(canon_job *job, npy_reader *reader, uint64_t offset, void *dst, uint64_t bytes) {
  if (!reader->turns)
    return job->host->source_read(job, reader->bytes.source, reader->header.data + offset, dst, bytes);
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
  return code ? code : npy_elements_finish(job, &reader->bytes, header, first, count, dst);
}

void npy_close(canon_job *job, void *self) {
  npy_reader *reader = self;
  pthread_mutex_destroy(&reader->turning);
  canon_free(job, reader->turned.memory);
  canon_free(job, reader);
}
