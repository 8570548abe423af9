/* SPDX-License-Identifier: MIT
 * torch.h: what PyTorch's CPU kernels compute, version by version: the orders of their additions as data (orders.c),
 * and kernels that follow them (squares.c, cascade.c). normalize.c and reduce.c put both together; numerics.c calls
 * those. */
#ifndef CANON_NUMERICS_TORCH_TORCH_H
#define CANON_NUMERICS_TORCH_TORCH_H

#include <canon/numerics.h>

#include "core/numerics/body/real.h"

#define TORCH_VERSION(major, minor) ((uint32_t)(major) << 16 | (uint32_t)(minor) << 8)

/* How one square joins an accumulator. */
enum torch_op {
  OP_FUSED,   /* fma(x, x, acc): one rounding */
  OP_ROUNDED, /* acc + x * x: two */
  OP_QUADS,   /* of a tail: rounded in whole groups of four, fused in the one to three left over */
  OP_NARROW   /* acc + x * x, both rounded to the 16-bit dtype, which the accumulator has too */
};

/* Element d goes to accumulator d mod lanes. Accumulators start at +0 and are added up from left to right; then come
 * the n mod block last elements, one by one, with the operation `tail`. */
struct torch_order {
  uint8_t lanes, block, op, tail;
};

enum { TORCH_LANES = 8 };

/* How a row of 16-bit elements becomes rows of eight floats: 16 at a time, two to a lane. */
enum torch_pairs { PAIRS_HALVES, /* k and k + 8 */ PAIRS_NEIGHBOURS /* 2 k and 2 k + 1 */ };

enum torch_mean {
  MEAN_NARROW,     /* the sum, rounded to dtype, by the count, rounded to dtype */
  MEAN_SEQUENTIAL, /* one float accumulator, times 1 / count */
  MEAN_WIDE        /* the sum as that of floats, by the count, rounded once */
};

/* orders.c. The dtype is one of the four below, the version one that torch_parse() takes. */
int torch_takes(uint32_t dtype); /* f16 bf16 f32 f64 */
struct torch_order torch_norm_order(const canon_torch *torch, uint32_t dtype, int last_axis);
int torch_norm_of_one_is_abs(const canon_torch *torch);
int torch_normalizes_f16(const canon_torch *torch);
enum torch_pairs torch_sum_pairs(const canon_torch *torch, uint32_t dtype);
enum torch_mean torch_mean_rule(const canon_torch *torch, uint32_t dtype);

/* element.c: n <= STRETCH elements as floats, where they lie or in `buffer`; and back, to nearest, ties to even, NaN to
 * the canonical one. f16 bf16 f32, or f64. */
const float *torch_load_f32(uint32_t dtype, const void *x, uint64_t n, float *buffer);
const double *torch_load_f64(uint32_t dtype, const void *x, uint64_t n, double *buffer);
void torch_store_f32(uint32_t dtype, const float *values, uint64_t n, void *y);
void torch_store_f64(uint32_t dtype, const double *values, uint64_t n, void *y);
float torch_round_f32(uint32_t dtype, float value);
double torch_round_f64(uint32_t dtype, double value);

/* squares.c. `acc` is TORCH_LANES accumulators, zero at first. Takes in elements [first, first + n) of a row of `axis`,
 * which come in order; their norm, not yet rounded to dtype. */
void torch_squares_f32(struct torch_order order, uint32_t dtype, float *acc, const float *x, uint64_t n, uint64_t first,
                       uint64_t axis);
void torch_squares_f64(struct torch_order order, uint32_t dtype, double *acc, const double *x, uint64_t n,
                       uint64_t first, uint64_t axis);
float torch_norm_f32(struct torch_order order, const float *acc, uint64_t axis);
double torch_norm_f64(struct torch_order order, const double *acc, uint64_t axis);
/* Accumulator of a part of the axis into that of the parts before it, for orders with one lane. */
float torch_merge_f32(struct torch_order order, uint32_t dtype, float into, float from);
double torch_merge_f64(struct torch_order order, uint32_t dtype, double into, double from);
/* One element of each of n rows whose order has one lane, one accumulator a row. */
void torch_squares_across_f32(struct torch_order order, uint32_t dtype, float *acc, const float *x, uint64_t n);
void torch_squares_across_f64(struct torch_order order, uint32_t dtype, double *acc, const double *x, uint64_t n);

/* How many elements of its axis a thread of torch's takes: all, but where the call has one result, and there is enough
 * to cut and threads to share. Kernels with more than one lane in their order never cut. */
uint64_t torch_part(const canon_torch_call *call);

/* name.c, normalize.c, reduce.c: the functions of canon_numerics that they are named after. */
const char *torch_parse(const char *name, canon_torch *torch);
void torch_normalize(const canon_torch_call *call, const void *x, void *y, uint64_t outer, uint64_t inner,
                     canon_normalize_report *report);
int32_t torch_reduce_bytes(const canon_torch_call *call, uint64_t *bytes);
void torch_reduce_add(const canon_torch_call *call, void *states, const void *x, uint64_t outer, uint64_t axis,
                      uint64_t inner, uint64_t first, uint64_t column);
void torch_reduce_finish(const canon_torch_call *call, const void *states, uint64_t n, uint64_t column, void *y);

#endif
