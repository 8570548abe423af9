/* SPDX-License-Identifier: MIT
 * box.c: elements of a tensor whose strides are not those of C order. What is wanted is cut into boxes; a box is walked
 * in the order in which it lies in the storage, one window of the storage at a time, and its elements are put where
 * they belong. */
#include <string.h>

#include "formats/pt/pt.h"

enum {
  WINDOW = 256 << 10, /* bytes of the storage read at a time */
  SPARSE = 4096,      /* elements further apart than this many bytes are read one by one */
  SHORT = 16 << 10,   /* a read that brings fewer bytes costs more than they do */
  WASTEFUL = 16       /* so many times as much read as wanted is too much */
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

static void add_axis(box *out, axis fresh) {
  if (fresh.extent == 1) return;
  uint32_t place = out->rank++;
  for (; place > 0 && out->axes[place - 1].stride > fresh.stride; place--) out->axes[place] = out->axes[place - 1];
  out->axes[place] = fresh;
}

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
    add_axis(out, (axis){extent, (uint64_t)tensor->stride[i], step});
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

/* Of axis `within` as many places at a time as fit, unless too little of what is read would be used. */
static uint64_t places_at_once(const axis *split, uint64_t room, uint64_t span, uint32_t size) {
  return split->stride * size <= SPARSE ? (room - span) / split->stride + 1 : 1;
}

static int32_t read_box(canon_job *job, const pt_reader *reader, const pt_tensor *tensor, box *in, uint8_t *dst,
                        uint8_t *window) {
  uint32_t size = canon_dtype_size(tensor->dtype);
  uint64_t room = WINDOW / size, span, index[CANON_MAX_RANK] = {0}, from = in->from, to = 0;
  uint32_t within = axes_within(in, room, &span);
  if (within == in->rank) return read_window(job, reader, tensor, in->axes, within, from, span, dst, window);
  axis *split = &in->axes[within];
  uint64_t rows = split->extent, chunk = places_at_once(split, room, span, size);
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

static uint8_t *new_window(canon_job *job, const pt_tensor *tensor) {
  return canon_alloc(job, tensor->storage->bytes < WINDOW ? tensor->storage->bytes : WINDOW);
}

int32_t pt_box_read(canon_job *job, const pt_reader *reader, const pt_tensor *tensor, const uint64_t *start,
                    const uint64_t *extent, uint8_t *dst) {
  box whole = {.from = tensor->offset};
  uint64_t step = 1;
  for (uint32_t i = tensor->rank; i-- > 0;) {
    whole.from += start[i] * (uint64_t)tensor->stride[i];
    add_axis(&whole, (axis){extent[i], (uint64_t)tensor->stride[i], step});
    step *= extent[i];
  }
  uint8_t *window = new_window(job, tensor);
  if (!window) return canon_failed(job);
  int32_t code = read_box(job, reader, tensor, &whole, dst, window);
  canon_free(job, window);
  return code;
}

int32_t pt_strided_read(canon_job *job, const pt_reader *reader, const pt_tensor *tensor, uint64_t first,
                        uint64_t count, uint8_t *dst) {
  uint8_t *window = new_window(job, tensor);
  int32_t code = window ? CANON_OK : canon_failed(job);
  for (uint64_t done = 0; done < count && !code;) {
    box next;
    uint64_t n = cut_box(tensor, first + done, count - done, &next);
    code = read_box(job, reader, tensor, &next, dst + done * canon_dtype_size(tensor->dtype), window);
    done += n;
  }
  canon_free(job, window);
  return code;
}

/* A transposed tensor has an axis that goes in smaller steps than one behind it. */
static int is_transposed(const pt_tensor *tensor) {
  uint64_t smallest = UINT64_MAX;
  for (uint32_t i = 0; i < tensor->rank; i++) {
    if (tensor->shape[i] == 1) continue;
    if ((uint64_t)tensor->stride[i] > smallest) return 1;
    smallest = (uint64_t)tensor->stride[i];
  }
  return 0;
}

/* Of a typical block: what one read of the storage brings, and how much of it is wanted. */
int pt_strided_is_slow(const pt_tensor *tensor) {
  uint32_t size = canon_dtype_size(tensor->dtype);
  uint64_t room = WINDOW / size, span, useful = 1;
  box block;
  cut_box(tensor, 0, room < tensor->elements ? room : tensor->elements, &block);
  uint32_t within = axes_within(&block, room, &span);
  for (uint32_t i = 0; i < within; i++) useful *= block.axes[i].extent;
  if (within < block.rank) {
    uint64_t chunk = places_at_once(&block.axes[within], room, span, size);
    if (chunk > block.axes[within].extent) chunk = block.axes[within].extent;
    span += (chunk - 1) * block.axes[within].stride;
    useful *= chunk;
  }
  return is_transposed(tensor) && (useful * size < SHORT || span / useful >= WASTEFUL);
}
