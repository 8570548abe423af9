/* SPDX-License-Identifier: MIT
 * read.c: elements of a tensor in C order, whatever its strides. A contiguous tensor is one read straight into the
 * caller's block; others are read by box.c, or, once turn.c has put them into C order, from the scratch file. */
#include <inttypes.h>
#include <string.h>

#include "formats/pt/pt.h"

static int32_t read_strided(canon_job *job, pt_reader *reader, pt_tensor *tensor, uint64_t first, uint64_t count,
                            uint8_t *dst) {
  uint64_t size = canon_dtype_size(tensor->dtype);
  int32_t code = pt_storage_check(job, reader, tensor->storage);
  if (code || !pt_turn_pays(tensor)) return code ? code : pt_strided_read(job, reader, tensor, first, count, dst);
  code = pt_turn(job, reader, tensor);
  return code ? code
              : job->host->source_read(job, reader->scratch_source, tensor->scratch + first * size, dst, count * size);
}

static int32_t read_contiguous(canon_job *job, pt_reader *reader, const pt_tensor *tensor, uint64_t first,
                               uint64_t count, void *dst) {
  uint64_t size = canon_dtype_size(tensor->dtype), start = (tensor->offset + first) * size, bytes = count * size;
  pt_storage *storage = tensor->storage;
  if (storage->member && tensor->elements * size == storage->bytes)
    return pt_storage_fetch_part(job, reader, storage, start, dst, bytes);
  int32_t code = pt_storage_check(job, reader, storage);
  return code ? code : pt_storage_fetch(job, reader, storage, start, dst, bytes);
}

static int machine_is_big_endian(void) {
  const uint16_t one = 1;
  return *(const uint8_t *)&one == 0;
}

static void swap_bytes(uint8_t *bytes, uint64_t n, uint32_t size) {
  for (uint64_t i = 0; i < n; i++, bytes += size)
    for (uint32_t low = 0, high = size - 1; low < high; low++, high--) {
      uint8_t kept = bytes[low];
      bytes[low] = bytes[high];
      bytes[high] = kept;
    }
}

/* Components of elements as stored become those of the tensor: byte order, conjugation, negation. */
static void finish_elements(const pt_tensor *tensor, uint8_t *bytes, uint64_t count) {
  uint32_t parts = canon_dtype_kind(tensor->dtype) == CANON_KIND_COMPLEX ? 2 : 1,
           size = canon_dtype_size(tensor->dtype) / parts;
  int is_big = machine_is_big_endian();
  if (size > 1 && (int)tensor->storage->big_endian != is_big) swap_bytes(bytes, count * parts, size);
  uint32_t sign = is_big ? 0 : size - 1;
  uint8_t real = tensor->flags & PT_NEGATE ? 0x80 : 0, imaginary = real ^ (tensor->flags & PT_CONJUGATE ? 0x80 : 0);
  if (!real && !imaginary) return;
  for (uint64_t i = 0; i < count * parts; i++) bytes[i * size + sign] ^= parts == 2 && i % 2 ? imaginary : real;
}

static int64_t index_at(const pt_tensor *tensor, const uint8_t *bytes, uint64_t i) {
  int64_t wide;
  int32_t narrow;
  if (tensor->dtype == CANON_I64) return memcpy(&wide, bytes + 8 * i, 8), wide;
  return memcpy(&narrow, bytes + 4 * i, 4), narrow;
}

static int32_t bad_index(canon_job *job, const pt_tensor *tensor, uint64_t i, int64_t index, const char *what,
                         uint64_t limit) {
  return canon_fail(job, CANON_E_MALFORMED,
                    tensor->storage->start == CANON_NONE
                        ? CANON_NONE
                        : tensor->storage->start + tensor->offset * canon_dtype_size(tensor->dtype),
                    "a sparse tensor's index %" PRIu64 " is %" PRId64 ", %s %" PRIu64, i, index, what, limit);
}

/* Elements as they are, whatever they mean to a sparse tensor. */
static int32_t read_elements(canon_job *job, pt_reader *reader, pt_tensor *tensor, uint64_t first, uint64_t count,
                             void *dst) {
  int32_t code = tensor->flags & PT_CONTIGUOUS ? read_contiguous(job, reader, tensor, first, count, dst)
                                               : read_strided(job, reader, tensor, first, count, dst);
  if (!code) finish_elements(tensor, dst, count);
  return code;
}

/* COO indices and plain indices: within the dimension that they count. */
static int32_t check_plain(canon_job *job, const pt_tensor *tensor, uint64_t first, uint64_t count,
                           const uint8_t *bytes) {
  uint64_t row = tensor->bounds == PT_BOUNDS_ROWS ? tensor->shape[1] : tensor->elements;
  for (uint64_t i = 0; i < count; i++) {
    uint64_t limit = tensor->limits[(first + i) / row];
    int64_t index = index_at(tensor, bytes, i);
    if (index < 0 || (uint64_t)index >= limit)
      return bad_index(job, tensor, first + i, index, "of a dimension of", limit);
  }
  return CANON_OK;
}

/* Compressed indices: along the last axis from 0 up to the number of plain ones, never down. */
static int32_t check_compressed(canon_job *job, pt_reader *reader, pt_tensor *tensor, uint64_t first, uint64_t count,
                                const uint8_t *bytes) {
  uint64_t row = tensor->shape[tensor->rank - 1];
  int64_t before = 0;
  if (first % row) {
    uint8_t element[8];
    int32_t code = read_elements(job, reader, tensor, first - 1, 1, element);
    if (code) return code;
    before = index_at(tensor, element, 0);
  }
  for (uint64_t i = 0; i < count; i++) {
    uint64_t column = (first + i) % row;
    int64_t index = index_at(tensor, bytes, i);
    if (column == 0 ? index != 0 : index < before)
      return bad_index(job, tensor, first + i, index, "after", column ? (uint64_t)before : 0);
    if ((uint64_t)index > tensor->limits[0] || (column + 1 == row && (uint64_t)index != tensor->limits[0]))
      return bad_index(job, tensor, first + i, index, "of", tensor->limits[0]);
    before = index;
  }
  return CANON_OK;
}

static pt_tensor *find_tensor(const pt_reader *reader, uint64_t node) {
  uint64_t low = 0, high = reader->n_tensors;
  while (low < high) {
    uint64_t middle = low + (high - low) / 2;
    if (reader->tensors[middle]->node == node) return reader->tensors[middle];
    if (reader->tensors[middle]->node < node) low = middle + 1;
    else high = middle;
  }
  return NULL;
}

int32_t pt_read(canon_job *job, void *state, uint64_t node, uint64_t first, uint64_t count, void *dst) {
  pt_reader *reader = state;
  pt_tensor *tensor = find_tensor(reader, node);
  if (!tensor || first > tensor->elements || count > tensor->elements - first)
    return canon_fail(job, CANON_E_PLUGIN, CANON_NONE,
                      "elements %" PRIu64 " to %" PRIu64 " of node %" PRIu64 " were asked for, which it has not", first,
                      first + count, node);
  if (count == 0) return CANON_OK;
  int32_t code = read_elements(job, reader, tensor, first, count, dst);
  if (code) return code;
  if (tensor->bounds == PT_BOUNDS_COMPRESSED) return check_compressed(job, reader, tensor, first, count, dst);
  return tensor->bounds ? check_plain(job, tensor, first, count, dst) : CANON_OK;
}
