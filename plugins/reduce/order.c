/* SPDX-License-Identifier: MIT
 * order.c: reduce in a written-down order of additions; docs/orders.md is its specification, order.inc the arithmetic.
 * Only what rounds comes here: whole numbers are summed by exact.c in every order. A complex number has two states. */
#include <math.h>
#include <string.h>

#include "plugins/reduce/reduce.h"

enum { LANES = 8, CHUNK = 512 };

/* How one order adds up: `at` is the place of x[0] on the axis. A state of zero bytes is one of no elements. */
struct ordered {
  uint64_t (*bytes)(uint64_t axis);
  void (*add)(void *state, uint64_t at, const void *x, uint64_t n);
  void (*total)(const void *state, void *total);
};

struct arithmetic {
  uint32_t dtype; /* of the accumulators */
  void (*square)(void *x, uint64_t n);
  void (*result)(enum operation operation, uint64_t axis, void *total);
  void (*merge)(void *into, const void *from); /* of pairwise */
  struct ordered orders[ORDER_TORCH];
};

#define REAL float
#define DTYPE CANON_F32
#define SQRT sqrtf
#define NAME(name) f32_##name
#include "plugins/reduce/order.inc"
#undef REAL
#undef DTYPE
#undef SQRT
#undef NAME

#define REAL double
#define DTYPE CANON_F64
#define SQRT sqrt
#define NAME(name) f64_##name
#include "plugins/reduce/order.inc"
#undef REAL
#undef DTYPE
#undef SQRT
#undef NAME

/* f64 for what f32 does not hold, f32 for the smaller floats. */
static const struct arithmetic *arithmetic_of(uint32_t dtype) {
  uint32_t real = reduce_component(dtype);
  return canon_dtype_kind(real) == CANON_KIND_FLOAT && real != CANON_F64 ? &f32_arithmetic : &f64_arithmetic;
}

/* Of one component. */
static uint64_t bytes_of(const struct reduce *reduce, const canon_cut *whole) {
  return arithmetic_of(whole->in_dtype)->orders[reduce->order].bytes(whole->axis);
}

/* The dtypes of exact.c: a complex number has no square here, f8_e8m0fnu no zero. */
static uint64_t order_state_bytes(const struct reduce *reduce, const canon_cut *whole) {
  if (!reduce_exact.state_bytes(reduce, whole)) return 0;
  return reduce_components(whole->in_dtype) * bytes_of(reduce, whole);
}

static void order_begin(const struct reduce *reduce, const canon_cut *whole, void *states, uint64_t n) {
  memset(states, 0, n * order_state_bytes(reduce, whole));
}

/* n elements of the axis, `stride` elements apart. Every cast here is one that a plan took, so none is refused. */
static void add_row(const struct reduce *reduce, void *state, uint64_t at, uint32_t dtype, const char *row,
                    uint64_t stride, uint64_t n) {
  const struct arithmetic *arithmetic = arithmetic_of(dtype);
  int squares = reduce->operation == REDUCE_NORM || reduce->operation == REDUCE_SUMSQ;
  uint64_t size = canon_dtype_size(dtype);
  _Alignas(8) char dense[CHUNK * 8], values[CHUNK * 8];
  for (uint64_t first = 0; first < n; first += CHUNK) {
    uint64_t count = n - first < CHUNK ? n - first : CHUNK;
    const void *x = row + first * stride * size;
    if (stride != 1) {
      reduce_gather(dense, x, size, stride, count);
      x = dense;
    }
    if (dtype != arithmetic->dtype || squares) {
      (void)reduce->numerics->cast(dtype, arithmetic->dtype, 0, x, values, count, NULL);
      x = values;
    }
    if (squares) arithmetic->square(values, count);
    arithmetic->orders[reduce->order].add(state, at + first, x, count);
  }
}

static void order_add(const struct reduce *reduce, void *states, const canon_block *block) {
  uint32_t dtype = reduce_component(block->whole->in_dtype);
  uint64_t width = block->inner * reduce_components(block->whole->in_dtype), size = canon_dtype_size(dtype);
  uint64_t bytes = bytes_of(reduce, block->whole);
  for (uint64_t i = 0; i < block->outer * width; i++) {
    const char *row = (const char *)block->in + (i / width * block->axis * width + i % width) * size;
    add_row(reduce, (char *)states + i * bytes, block->first_axis, dtype, row, width, block->axis);
  }
}

static void order_merge(const struct reduce *reduce, const canon_cut *whole, void *into, const void *from, uint64_t n) {
  uint64_t bytes = bytes_of(reduce, whole);
  for (uint64_t i = 0; i < n * reduce_components(whole->in_dtype); i++)
    arithmetic_of(whole->in_dtype)->merge((char *)into + i * bytes, (const char *)from + i * bytes);
}

static int32_t order_finish(const struct reduce *reduce, const void *states, const canon_block *result) {
  const struct arithmetic *arithmetic = arithmetic_of(result->whole->in_dtype);
  uint32_t dtype = reduce_component(result->whole->out_dtype);
  uint64_t size = canon_dtype_size(dtype), bytes = bytes_of(reduce, result->whole);
  int32_t code = CANON_OK;
  for (uint64_t i = 0; !code && i < result->outer * result->inner * reduce_components(result->whole->in_dtype); i++) {
    _Alignas(8) char total[8];
    arithmetic->orders[reduce->order].total((const char *)states + i * bytes, total);
    arithmetic->result(reduce->operation, result->whole->axis, total);
    code = reduce->numerics->cast(arithmetic->dtype, dtype, 0, total, (char *)result->out + i * size, 1, NULL);
  }
  return code;
}

const struct reduce_kernel reduce_ordered = {
    CANON_FIXED, order_state_bytes, order_begin, order_add, NULL, order_finish,
};

const struct reduce_kernel reduce_pairwise = {
    CANON_FIXED, order_state_bytes, order_begin, order_add, order_merge, order_finish,
};
