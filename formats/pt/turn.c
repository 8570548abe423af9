/* SPDX-License-Identifier: MIT
 * turn.c: a large tensor whose elements lie far apart in its storage (a transposed matrix), once into C order.
 * Read block by block in C order each element would cost a read of its own. A box of the tensor is chosen so that its
 * runs are long both in the storage and in C order; boxes go to the scratch file, where all further reads find them. */
#include "formats/pt/pt.h"

#define BOX_BYTES (UINT64_C(16) << 20)

static uint32_t axis_at(const uint32_t *order, uint32_t rank, uint32_t i) { return order ? order[i] : rank - 1 - i; }

/* Elements of the box that lie in one piece, where the axes vary in this order, fastest first; NULL: C order. */
static uint64_t run_of(const pt_tensor *tensor, const uint64_t *extent, const uint32_t *order) {
  uint64_t run = 1;
  for (uint32_t i = 0; i < tensor->rank; i++) {
    uint32_t axis = axis_at(order, tensor->rank, i);
    run *= extent[axis];
    if (extent[axis] < tensor->shape[axis]) break;
  }
  return run;
}

/* The first axis in this order that the box does not have whole; rank: there is none. */
static uint32_t next_axis(const pt_tensor *tensor, const uint64_t *extent, const uint32_t *order) {
  for (uint32_t i = 0; i < tensor->rank; i++) {
    uint32_t axis = axis_at(order, tensor->rank, i);
    if (extent[axis] < tensor->shape[axis]) return axis;
  }
  return tensor->rank;
}

static void order_by_stride(const pt_tensor *tensor, uint32_t *order) {
  for (uint32_t i = 0; i < tensor->rank; i++) {
    uint32_t place = i;
    for (; place > 0 && tensor->stride[order[place - 1]] > tensor->stride[i]; place--) order[place] = order[place - 1];
    order[place] = i;
  }
}

/* Doubles the extent at whichever order has the shorter runs, until the box is full or is the whole tensor. */
static uint64_t choose_extent(const pt_tensor *tensor, uint64_t limit, uint64_t *extent) {
  uint32_t order[CANON_MAX_RANK];
  uint64_t elements = 1;
  order_by_stride(tensor, order);
  for (uint32_t i = 0; i < tensor->rank; i++) extent[i] = 1;
  for (;;) {
    int in_storage = run_of(tensor, extent, order) <= run_of(tensor, extent, NULL);
    uint32_t axis = next_axis(tensor, extent, in_storage ? order : NULL);
    if (axis == tensor->rank) return elements;
    uint64_t whole = tensor->shape[axis], grown = whole - extent[axis] < extent[axis] ? whole : 2 * extent[axis];
    if (elements / extent[axis] * grown > limit) return elements;
    elements = elements / extent[axis] * grown;
    extent[axis] = grown;
  }
}

/* The box's elements, dense, to their places in C order behind byte `origin` of the scratch file. */
static int32_t write_box(canon_job *job, const pt_reader *reader, const pt_tensor *tensor, const uint64_t *start,
                         const uint64_t *extent, uint64_t origin, const uint8_t *bytes) {
  uint64_t size = canon_dtype_size(tensor->dtype), run = run_of(tensor, extent, NULL) * size;
  uint64_t index[CANON_MAX_RANK] = {0};
  uint32_t outer = next_axis(tensor, extent, NULL); /* runs go along it; further ones, one by one */
  if (outer == tensor->rank) outer = 0;
  for (;;) {
    uint64_t at = 0;
    for (uint32_t i = 0; i < tensor->rank; i++) at = at * tensor->shape[i] + start[i] + index[i];
    int32_t code = job->host->sink_write(job, reader->scratch_sink, origin + at * size, bytes, run);
    if (code) return code;
    bytes += run;
    uint32_t i = outer;
    while (i > 0 && ++index[i - 1] == extent[i - 1]) index[--i] = 0;
    if (i == 0) return CANON_OK;
  }
}

static int32_t turn_boxes(canon_job *job, const pt_reader *reader, const pt_tensor *tensor, uint64_t origin) {
  uint64_t full[CANON_MAX_RANK], start[CANON_MAX_RANK] = {0}, extent[CANON_MAX_RANK];
  uint64_t size = canon_dtype_size(tensor->dtype), elements = choose_extent(tensor, BOX_BYTES / size, full);
  uint8_t *bytes = canon_alloc(job, elements * size);
  int32_t code = bytes ? CANON_OK : canon_failed(job);
  while (!code) {
    for (uint32_t i = 0; i < tensor->rank; i++)
      extent[i] = tensor->shape[i] - start[i] < full[i] ? tensor->shape[i] - start[i] : full[i];
    code = pt_box_read(job, reader, tensor, start, extent, bytes);
    if (!code) code = write_box(job, reader, tensor, start, extent, origin, bytes);
    if (!code) code = job->host->tick(job, 0, 0); /* only whether to stop: the progress is that of the reads */
    uint32_t i = tensor->rank;
    while (i > 0 && (start[i - 1] += full[i - 1]) >= tensor->shape[i - 1]) start[--i] = 0;
    if (i == 0) break;
  }
  canon_free(job, bytes);
  return code;
}

static int32_t take_scratch(canon_job *job, pt_reader *reader, uint64_t bytes, uint64_t *origin) {
  pthread_mutex_lock(&reader->lock);
  int32_t code =
      reader->scratch_sink ? CANON_OK : job->host->scratch(job, &reader->scratch_sink, &reader->scratch_source);
  *origin = reader->scratch_used;
  if (!code) reader->scratch_used += bytes;
  pthread_mutex_unlock(&reader->lock);
  return code;
}

int pt_turn_pays(const pt_tensor *tensor) {
  return tensor->elements * canon_dtype_size(tensor->dtype) > BOX_BYTES && pt_strided_is_slow(tensor);
}

int32_t pt_turn(canon_job *job, pt_reader *reader, pt_tensor *tensor) {
  if (atomic_load_explicit(&tensor->turned, memory_order_acquire)) return CANON_OK;
  pthread_mutex_lock(&reader->turning);
  int32_t code = CANON_OK;
  if (!atomic_load_explicit(&tensor->turned, memory_order_acquire)) {
    code = take_scratch(job, reader, tensor->elements * canon_dtype_size(tensor->dtype), &tensor->scratch);
    if (!code) code = turn_boxes(job, reader, tensor, tensor->scratch);
    if (!code) atomic_store_explicit(&tensor->turned, 1, memory_order_release);
  }
  pthread_mutex_unlock(&reader->turning);
  return code;
}
