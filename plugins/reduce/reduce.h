/* SPDX-License-Identifier: MIT
 * reduce.h: what the files of the transform `reduce` share: one opened reduction, and the kernel that carries it out.
 */
#ifndef CANON_REDUCE_REDUCE_H
#define CANON_REDUCE_REDUCE_H

#include <canon/numerics.h>
#include <canon/plugin.h>
#include <canon/transform.h>

enum operation { REDUCE_SUM, REDUCE_MEAN, REDUCE_NORM, REDUCE_SUMSQ, REDUCE_MIN, REDUCE_MAX };

enum order { ORDER_EXACT, ORDER_SEQUENTIAL, ORDER_PAIRWISE, ORDER_LANES8, ORDER_TORCH, ORDERS };

struct reduce;

/* One way to compute: exact.c, order.c, torch.c, extreme.c. The callbacks are those of canon_transform. */
struct reduce_kernel {
  uint32_t guarantee;
  uint64_t (*state_bytes)(const struct reduce *reduce, const canon_cut *whole); /* 0: no rule for this dtype */
  void (*begin)(const struct reduce *reduce, const canon_cut *whole, void *states, uint64_t n);
  void (*add)(const struct reduce *reduce, void *states, const canon_block *block);
  /* NULL where not mergeable */
  void (*merge)(const struct reduce *reduce, const canon_cut *whole, void *into, const void *from, uint64_t n);
  int32_t (*finish)(const struct reduce *reduce, const void *states,
                    const canon_block *result); /* unsupported: too large */
};

extern const struct reduce_kernel reduce_exact, reduce_ordered, reduce_pairwise, reduce_torch, reduce_extreme;

struct reduce {
  const canon_numerics *numerics;
  const char *name; /* of the operation */
  enum operation operation;
  enum order order;
  canon_torch torch; /* with ORDER_TORCH */
  uint32_t all, keepdims;
  int64_t axis;
};

/* The dtype of the result: floats and complex keep theirs; whole numbers have 64 bits, or f64 for mean and norm. */
uint32_t reduce_result(enum operation operation, uint32_t dtype);

/* The real dtype of a complex one's two components; a real dtype is its own one component. */
uint32_t reduce_component(uint32_t dtype);
uint64_t reduce_components(uint32_t dtype);

/* One row's elements [first, first + count), `stride` elements of `size` bytes apart, side by side into dense. */
void reduce_gather(void *dense, const char *row, uint64_t size, uint64_t stride, uint64_t count);

#endif
