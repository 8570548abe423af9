/* SPDX-License-Identifier: MIT
 * read.c: the elements of an array. Before the first of them is given out, the record's CRC-32 has been compared; what
 * is deflated lies in a scratch file by then, and what is in Fortran order has been turned. Threads: one lock an array.
 */
#include <string.h>

#include "formats/npz/npz.h"

static int32_t ignore_piece(canon_job *job, void *context, uint64_t offset, const uint8_t *bytes, uint64_t size) {
  (void)job, (void)context, (void)offset, (void)bytes, (void)size;
  return CANON_OK;
}

typedef struct scratch_part {
  canon_sink *sink;
  uint64_t start;
} scratch_part;

static int32_t write_scratch(canon_job *job, void *context, uint64_t offset, const uint8_t *bytes, uint64_t size) {
  const scratch_part *part = context;
  return job->host->sink_write(job, part->sink, part->start + offset, bytes, size);
}

/* A part of the scratch file that is this record's own. */
static int32_t inflate(canon_job *job, npz_reader *reader, npz_array *array) {
  int32_t code = CANON_OK;
  scratch_part part = {NULL, 0};
  pthread_mutex_lock(&reader->lock);
  if (!reader->scratch_sink) code = job->host->scratch(job, &reader->scratch_sink, &reader->scratch_source);
  if (!code) {
    part = (scratch_part){reader->scratch_sink, reader->scratch_used};
    reader->scratch_used += array->member->size;
  }
  pthread_mutex_unlock(&reader->lock);
  if (!code) code = zip_member_stream(job, &reader->zip, array->member, write_scratch, &part);
  if (code) return code;
  array->bytes.source = reader->scratch_source;
  array->bytes.start = part.start;
  return CANON_OK;
}

static int32_t make_ready(canon_job *job, npz_reader *reader, npz_array *array) {
  int32_t code = CANON_OK;
  if (atomic_load_explicit(&array->is_ready, memory_order_acquire)) return CANON_OK;
  pthread_mutex_lock(&array->lock);
  if (!atomic_load_explicit(&array->is_ready, memory_order_acquire)) {
    code = array->member->method == ZIP_STORED ? zip_member_stream(job, &reader->zip, array->member, ignore_piece, NULL)
                                               : inflate(job, reader, array);
    if (!code && array->stride) code = npy_fortran_turn(job, &array->bytes, &array->header, &array->turned);
    if (!code) atomic_store_explicit(&array->is_ready, 1, memory_order_release);
  }
  pthread_mutex_unlock(&array->lock);
  return code;
}

static int32_t fetch(canon_job *job, const npz_array *array, uint64_t offset, void *dst, uint64_t bytes) {
  const canon_host *host = job->host;
  if (!array->stride)
    return host->source_read(job, array->bytes.source, array->bytes.start + array->header.data + offset, dst, bytes);
  if (!array->turned.memory) return host->source_read(job, array->turned.scratch, offset, dst, bytes);
  memcpy(dst, array->turned.memory + offset, bytes);
  return CANON_OK;
}

int32_t npz_read(canon_job *job, void *self, uint64_t node, uint64_t first, uint64_t count, void *dst) {
  npz_reader *reader = self;
  npz_array *array = node && node < reader->n_nodes ? &reader->arrays[node - 1] : NULL;
  uint64_t elements = array && array->member ? array->header.elements : 0;
  if (!array || !array->member || first > elements || count > elements - first)
    return canon_fail(job, CANON_E_USAGE, CANON_NONE,
                      "%" PRIu64 " elements from %" PRIu64 " of node %" PRIu64 ", which has %" PRIu64, count, first,
                      node, elements);
  int32_t code = make_ready(job, reader, array);
  if (code || !count) return code;
  uint32_t size = canon_dtype_size(array->header.dtype);
  code = fetch(job, array, first * size, dst, count * size);
  return code ? code : npy_elements_finish(job, &array->bytes, &array->header, first, count, dst);
}
