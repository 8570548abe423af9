/* SPDX-License-Identifier: MIT
 * torch.c: reduce in the order of one of PyTorch's versions; the arithmetic is the host's. torch adds in an order that
 * depends on the shape of the whole tensor, so that every call is told it. */
#include <string.h>

#include "plugins/reduce/reduce.h"

static const uint32_t whats[] = {[REDUCE_SUM] = CANON_SUMS_SUM,
                                 [REDUCE_MEAN] = CANON_SUMS_MEAN,
                                 [REDUCE_NORM] = CANON_SUMS_NORM,
                                 [REDUCE_SUMSQ] = CANON_SUMS_SUMSQ};

static canon_torch_call call_of(const struct reduce *reduce, const canon_cut *whole) {
  return (canon_torch_call){.struct_size = sizeof(canon_torch_call),
                            .what = whats[reduce->operation],
                            .dtype = whole->in_dtype,
                            .torch = &reduce->torch,
                            .outer = whole->outer,
                            .axis = whole->axis,
                            .inner = whole->inner};
}

static uint64_t torch_state_bytes(const struct reduce *reduce, const canon_cut *whole) {
  const canon_torch_call call = call_of(reduce, whole);
  uint64_t bytes = 0;
  return reduce->numerics->torch_reduce_bytes(&call, &bytes) == CANON_OK ? bytes : 0;
}

static void torch_begin(const struct reduce *reduce, const canon_cut *whole, void *states, uint64_t n) {
  memset(states, 0, n * torch_state_bytes(reduce, whole));
}

static void torch_add(const struct reduce *reduce, void *states, const canon_block *block) {
  const canon_torch_call call = call_of(reduce, block->whole);
  reduce->numerics->torch_reduce_add(&call, states, block->in, block->outer, block->axis, block->inner,
                                     block->first_axis, block->first_inner);
}

static int32_t torch_finish(const struct reduce *reduce, const void *states, const canon_block *result) {
  const canon_torch_call call = call_of(reduce, result->whole);
  uint64_t bytes = torch_state_bytes(reduce, result->whole), size = canon_dtype_size(result->whole->out_dtype);
  for (uint64_t i = 0; i < result->outer; i++)
    reduce->numerics->torch_reduce_finish(&call, (const char *)states + i * result->inner * bytes, result->inner,
                                          result->first_inner, (char *)result->out + i * result->inner * size);
  return CANON_OK;
}

const struct reduce_kernel reduce_torch = {
    CANON_FIXED, torch_state_bytes, torch_begin, torch_add, NULL, torch_finish,
};
