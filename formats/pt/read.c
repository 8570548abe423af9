/* SPDX-License-Identifier: MIT
 * read.c: elements of a tensor in C order, whatever its strides. A contiguous tensor is one read straight into the
 * caller's block. Any other block is cut into boxes; a box is walked in the order in which it lies in the storage, one
 * window of the storage at a time, and its elements are put where they belong. */
#include <inttypes.h>
#include <string.h>

#include "formats/common/bytes.h"
#include "formats/pt/pt.h"

enum {
  WINDOW = 256 << 10, /* bytes of the storage read at a time */
  SPARSE = 4096       /* elements further apart than this many bytes are read one by one */
};

/* One dimension of a box: so many elements, so far apart in the storage and in the block. */
typedef struct axis {
  uint64_t extent, stride, step;
} axis;

typedef struct box {
  axis axes[CANON_MAX_RANK]; /* by stride, smallest first; none of extent 1 */
  uint32_t rank;
  uint64_t from; /* element of the storage */
} box;

/* The largest box that starts at element `first` and is no longer than count: some rows of one dimension, and all of
 * the dimensions within. Returns its number of elements. */
static uint64_t cut_box(const pt_tensor *tensor, uint64_t first, uint64_t count, box *out) {
  uint64_t row = 1, inner = 1, rest = first, step = 1;
  uint32_t outer = tensor->rank;
  /* the outermost dimension of which whole rows, of `row` elements, start here and fit */
  while (outer > 0 && inner <= count && first % inner == 0) {
    row = inner;
    inner *= tensor->shape[--outer];
  }
  uint64_t rows = tensor->shape[outer] - first / row % tensor->shape[outer];
  if (rows > count / row) rows = count / row;
  out->rank = 0;
  out->from = tensor->offset;
  for (uint32_t i = tensor->rank; i-- > 0;) {
    uint64_t extent = i > outer ? tensor->shape[i] : i == outer ? rows : 1, at = rest % tensor->shape[i];
    out->from += at * (uint64_t)tensor->stride[i];
    rest /= tensor->shape[i];
    if (extent > 1) {
      axis fresh = {extent, (uint64_t)tensor->stride[i], step};
      uint32_t place = out->rank++;
      for (; place > 0 && out->axes[place - 1].stride > fresh.stride; place--) out->axes[place] = out->axes[place - 1];
      out->axes[place] = fresh;
    }
    step *= tensor->shape[i];
  }
  return rows * row;
}

static void copy_elements(uint8_t *dst, uint64_t dst_step, const uint8_t *src, uint64_t src_step, uint64_t n,
                          uint32_t size) {
#define COPY(bytes)                                                                         \
  case bytes:                                                                               \
    for (uint64_t i = 0; i < n; i++) memcpy(dst + i * dst_step, src + i * src_step, bytes); \
    break
  switch (size) {
    COPY(1);
    COPY(2);
    COPY(4);
    COPY(8);
    COPY(16);
    default: break; /* no dtype has another size */
  }
#undef COPY
}

/* Moves to the next place of an odometer over axes; 0: it was the last. */
static int next_place(const axis *axes, uint32_t n, uint64_t *index, uint64_t *from, uint64_t *to) {
  for (uint32_t i = 0; i < n; i++) {
    *from += axes[i].stride;
    *to += axes[i].step;
    if (++index[i] < axes[i].extent) return 1;
    *from -= axes[i].stride * axes[i].extent;
    *to -= axes[i].step * axes[i].extent;
    index[i] = 0;
  }
  return 0;
}

/* All elements of the axes, out of a window that starts at the first. */
static void scatter(uint8_t *dst, const uint8_t *window, const axis *axes, uint32_t n, uint32_t size) {
  uint64_t index[CANON_MAX_RANK] = {0}, from = 0, to = 0;
  axis first = n ? axes[0] : (axis){1, 0, 0};
  do copy_elements(dst + to * size, first.step * size, window + from * size, first.stride * size, first.extent, size);
  while (n > 1 && next_place(axes + 1, n - 1, index, &from, &to));
}

/* Reads the elements of the first n axes, `span` elements of the storage from `from` on, into the block at `to`. */
static int32_t read_window(canon_job *job, const pt_reader *reader, const pt_tensor *tensor, const axis *axes,
                           uint32_t n, uint64_t from, uint64_t span, uint8_t *to, uint8_t *window) {
  uint32_t size = canon_dtype_size(tensor->dtype);
  int is_run = n == 1 && axes[0].stride == 1 && axes[0].step == 1;
  int32_t code = pt_storage_fetch(job, reader, tensor->storage, from * size, is_run ? to : window, span * size);
  if (!code && !is_run) scatter(to, window, axes, n, size);
  return code;
}

/* The axes that fit a window of `room` elements together, and how many elements of the storage they span. */
static uint32_t axes_within(const box *in, uint64_t room, uint64_t *span) {
  uint32_t n = 0;
  *span = 1;
  for (; n < in->rank; n++) {
    const axis *next = &in->axes[n];
    if (next->stride && next->extent - 1 > (room - *span) / next->stride) break;
    *span += (next->extent - 1) * next->stride;
  }
  return n;
}

static int32_t read_box(canon_job *job, const pt_reader *reader, const pt_tensor *tensor, box *in, uint8_t *dst,
                        uint8_t *window) {
  uint32_t size = canon_dtype_size(tensor->dtype);
  uint64_t room = WINDOW / size, span, index[CANON_MAX_RANK] = {0}, from = in->from, to = 0;
  uint32_t within = axes_within(in, room, &span);
  if (within == in->rank) return read_window(job, reader, tensor, in->axes, within, from, span, dst, window);
  /* of the next axis as many rows at a time as fit, unless too little of what is read would be used */
  axis *split = &in->axes[within];
  uint64_t rows = split->extent, chunk = split->stride * size <= SPARSE ? (room - span) / split->stride + 1 : 1;
  do {
    for (uint64_t row = 0; row < rows; row += chunk) {
      split->extent = rows - row < chunk ? rows - row : chunk;
      uint32_t n = split->extent > 1 ? within + 1 : within;
      int32_t code =
          read_window(job, reader, tensor, in->axes, n, from + row * split->stride,
                      span + (split->extent - 1) * split->stride, dst + (to + row * split->step) * size, window);
      if (code) return code;
    }
  } while (next_place(split + 1, in->rank - within - 1, index, &from, &to));
  return CANON_OK;
}

static int32_t read_strided(canon_job *job, pt_reader *reader, const pt_tensor *tensor, uint64_t first, uint64_t count,
                            uint8_t *dst) {
  uint64_t bytes = tensor->storage->bytes < WINDOW ? tensor->storage->bytes : WINDOW;
  int32_t code = pt_storage_check(job, reader, tensor->storage);
  uint8_t *window = code ? NULL : canon_alloc(job, bytes);
  if (!window) return canon_failed(job);
  for (uint64_t done = 0; done < count && !code;) {
    box next;
    uint64_t n = cut_box(tensor, first + done, count - done, &next);
    code = read_box(job, reader, tensor, &next, dst + done * canon_dtype_size(tensor->dtype), window);
    done += n;
  }
  canon_free(job, window);
  return code;
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
static int32_t read_elements(canon_job *job, pt_reader *reader, const pt_tensor *tensor, uint64_t first, uint64_t count,
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
static int32_t check_compressed(canon_job *job, pt_reader *reader, const pt_tensor *tensor, uint64_t first,
                                uint64_t count, const uint8_t *bytes) {
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
  const pt_tensor *tensor = find_tensor(reader, node);
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
