/* SPDX-License-Identifier: MIT
 * reduce.c: torch.sum, torch.mean and torch.linalg.vector_norm over one axis of a dense tensor, through states that
 * take in the axis part by part. A state is an array of what torch computes with, double for f64 and float for the
 * others:
 *
 *   norm, last axis       acc[TORCH_LANES]
 *   norm, another axis    acc[1]
 *   mean, sequential      acc[1]
 *   sum, last axis        acc of the row's cascade | the vector in progress | sum of the elements behind the last
 * vector sum, another axis     acc of the column's cascade one result, threads   the state of one thread's part, as
 * above | the sums of all parts */
#include <math.h>
#include <string.h>

#include "core/numerics/torch/cascade.h"
#include "core/numerics/torch/torch.h"

enum {
  GRAIN = 32768, /* torch does not cut less than this among threads */
  TILE = 64,     /* columns at a time */
  MAX_WIDTH = 16 /* elements that a vector is loaded from */
};

enum kind { KIND_NORM, KIND_SEQUENTIAL, KIND_SUM };

/* A call as torch goes about it. */
struct work {
  enum kind kind;
  const canon_torch_call *call;
  struct torch_order order; /* of a norm */
  int is_abs;
  uint32_t dtype;        /* that the elements are summed as: f32 for a mean that widens */
  uint64_t part;         /* elements of the axis that one thread adds up: all, or less */
  uint64_t reals, bytes; /* of the state of a part, without the sums of all; of all */
};

/* How one row of n elements is summed. */
struct row {
  struct cascade cascade;
  uint32_t width; /* elements a vector */
  enum torch_pairs pairs;
};

static uint32_t lanes_of(uint32_t dtype) { return dtype == CANON_F64 ? 4 : 8; }

/* Elements of one of torch's vectors. */
static uint32_t width_of(uint32_t dtype) { return canon_dtype_size(dtype) == 2 ? 16 : lanes_of(dtype); }

static struct row row_of(const canon_torch *torch, uint32_t dtype, uint64_t n) {
  const uint32_t lanes = lanes_of(dtype), width = width_of(dtype);
  if (n < width) return (struct row){.cascade = cascade_of(n, CASCADE_WAYS, 1), .width = 1};
  return (struct row){
      .cascade = cascade_of(n / width, CASCADE_WAYS, lanes), .width = width, .pairs = torch_sum_pairs(torch, dtype)};
}

/* Threads share columns where they do not share outer slices, in pieces that begin at multiples of 128 bytes: the first
 * column of the last piece, which is the only one whose length matters. */
static uint64_t last_piece(const struct work *work) {
  const canon_torch_call *call = work->call;
  const uint64_t threads = call->torch->threads, columns = call->inner, wide = 128 / canon_dtype_size(work->dtype);
  const uint64_t pieces = threads < columns ? threads : columns, piece = (columns + pieces - 1) / pieces;
  const int large = call->outer * call->axis * columns >= GRAIN;
  const int by_outer = call->outer > 1 && (call->outer >= threads || (columns < threads && call->outer >= columns));
  if (threads == 1 || !large || by_outer) return 0;
  return (columns - 1) / piece * piece / wide * wide;
}

/* Columns [column, *end) of [axis, columns] are summed alike. Whole groups of 32 floats go four vectors at a time and
 * one way, what is left, four ways; where there is no vector of columns, groups of four columns take the place of the
 * vectors. */
static struct cascade column_of(const struct work *work, uint64_t column, uint64_t *end) {
  const uint64_t begin = last_piece(work), columns = work->call->inner - begin;
  const uint64_t group = columns < width_of(work->dtype) ? 4 : 4 * lanes_of(work->dtype);
  const uint64_t grouped = begin + columns - columns % group;
  *end = column < begin ? begin : column < grouped ? grouped : work->call->inner;
  return cascade_of(work->call->axis, column < grouped ? 1 : CASCADE_WAYS, 1);
}

uint64_t torch_part(const canon_torch_call *call) {
  uint64_t most = (call->axis - 1) / GRAIN + 1, parts = call->torch->threads < most ? call->torch->threads : most;
  if (call->outer > 1 || call->inner > 1 || call->axis < GRAIN) return call->axis;
  return (call->axis - 1) / parts + 1;
}

static struct work work_of(const canon_torch_call *call) {
  const canon_torch *torch = call->torch;
  const int last = call->inner == 1, narrow = canon_dtype_size(call->dtype) == 2;
  struct work work = {.kind = KIND_SUM, .call = call, .dtype = call->dtype};
  work.part = call->axis;
  if (call->what == CANON_SUMS_NORM) {
    work.kind = KIND_NORM;
    work.order = torch_norm_order(torch, call->dtype, last && call->axis > 1);
    work.is_abs = call->axis == 1 && torch_norm_of_one_is_abs(torch);
  } else if (call->what == CANON_SUMS_MEAN && narrow) {
    enum torch_mean rule = torch_mean_rule(torch, call->dtype);
    if (rule == MEAN_SEQUENTIAL) work.kind = KIND_SEQUENTIAL;
    if (rule == MEAN_WIDE) work.dtype = CANON_F32;
  }
  work.reals = work.kind == KIND_NORM && last ? TORCH_LANES : 1;
  if (work.kind == KIND_SUM) {
    struct cascade widest = cascade_of(0, CASCADE_WAYS, last ? lanes_of(call->dtype) : 1);
    work.reals = cascade_size(&widest) + (last ? MAX_WIDTH + 1 : 0);
  }
  if (work.kind != KIND_NORM || work.order.lanes == 1) work.part = torch_part(call);
  work.bytes = work.reals + (work.part < call->axis ? torch->threads : 0);
  work.bytes *= call->dtype == CANON_F64 ? sizeof(double) : sizeof(float);
  work.bytes = (work.bytes + 7) / 8 * 8;
  return work;
}

#define REAL float
#define NAME(x) x##_f32
#define FABS fabsf
#define LANES 8
#include "core/numerics/torch/reduce.inc"

#define REAL double
#define NAME(x) x##_f64
#define FABS fabs
#define LANES 4
#include "core/numerics/torch/reduce.inc"

int32_t torch_reduce_bytes(const canon_torch_call *call, uint64_t *bytes) {
  if (!torch_takes(call->dtype)) return CANON_E_UNSUPPORTED;
  if (call->what != CANON_SUMS_SUM && call->what != CANON_SUMS_MEAN && call->what != CANON_SUMS_NORM) {
    return CANON_E_UNSUPPORTED;
  }
  *bytes = work_of(call).bytes;
  return CANON_OK;
}

void torch_reduce_add(const canon_torch_call *call, void *states, const void *x, uint64_t outer, uint64_t axis,
                      uint64_t inner, uint64_t first, uint64_t column) {
  const struct work work = work_of(call);
  const uint64_t slab = axis * inner * canon_dtype_size(call->dtype);
  for (uint64_t i = 0; i < outer; i++) {
    uint8_t *state = (uint8_t *)states + i * inner * work.bytes;
    const uint8_t *from = (const uint8_t *)x + i * slab;
    if (call->inner == 1 && call->dtype == CANON_F64) add_row_f64(&work, state, from, axis, first);
    else if (call->inner == 1) add_row_f32(&work, state, from, axis, first);
    else if (call->dtype == CANON_F64) add_columns_f64(&work, state, from, axis, inner, first, column);
    else add_columns_f32(&work, state, from, axis, inner, first, column);
  }
}

void torch_reduce_finish(const canon_torch_call *call, const void *states, uint64_t n, uint64_t column, void *y) {
  const struct work work = work_of(call);
  const uint64_t size = canon_dtype_size(call->dtype);
  for (uint64_t i = 0; i < n; i++) {
    const uint8_t *state = (const uint8_t *)states + i * work.bytes;
    uint64_t at = call->inner == 1 ? 0 : (column + i) % call->inner;
    if (call->dtype == CANON_F64) finish_f64(&work, state, at, (uint8_t *)y + i * size);
    else finish_f32(&work, state, at, (uint8_t *)y + i * size);
  }
}
