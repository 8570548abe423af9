/* SPDX-License-Identifier: MIT
 * exact.c: reduce in the order exact: sums without any rounding but the last, by the host's canon.numerics/1.
 * A complex number has two states, one a component. */
#include "plugins/reduce/reduce.h"

enum { GATHERED = 4096 }; /* bytes of a row whose elements lie apart */

static const struct {
  uint32_t what, kinds;
} sums_of[] = {
    [REDUCE_SUM] = {CANON_SUMS_SUM, CANON_SUMS_VALUES},
    [REDUCE_MEAN] = {CANON_SUMS_MEAN, CANON_SUMS_VALUES},
    [REDUCE_NORM] = {CANON_SUMS_NORM, CANON_SUMS_SQUARES},
    [REDUCE_SUMSQ] = {CANON_SUMS_SUMSQ, CANON_SUMS_SQUARES},
};

/* f8_e8m0fnu has no zero to begin a sum with. */
static uint64_t exact_state_bytes(const struct reduce *reduce, const canon_cut *whole) {
  uint32_t dtype = whole->in_dtype;
  int squares = sums_of[reduce->operation].kinds == CANON_SUMS_SQUARES;
  if (canon_dtype_kind(dtype) == CANON_KIND_RAW || dtype == CANON_F8_E8M0FNU) return 0;
  if (squares && reduce_components(dtype) == 2) return 0;
  return reduce_components(dtype) * reduce->numerics->sums_bytes;
}

static void exact_begin(const struct reduce *reduce, const canon_cut *whole, void *states, uint64_t n) {
  for (uint64_t i = 0; i < n * reduce_components(whole->in_dtype); i++)
    reduce->numerics->sums_init((canon_sums *)(void *)((char *)states + i * reduce->numerics->sums_bytes),
                                sums_of[reduce->operation].kinds);
}

/* Every dtype here was asked for in exact_state_bytes(), so sums_add() takes it. */
static void add_row(const canon_numerics *numerics, void *sums, uint32_t dtype, const char *row, uint64_t stride,
                    uint64_t n) {
  _Alignas(8) char dense[GATHERED];
  uint64_t size = canon_dtype_size(dtype), most = GATHERED / size;
  if (stride == 1) {
    (void)numerics->sums_add(sums, dtype, row, n);
    return;
  }
  for (uint64_t first = 0; first < n; first += most) {
    uint64_t count = n - first < most ? n - first : most;
    reduce_gather(dense, row + first * stride * size, size, stride, count);
    (void)numerics->sums_add(sums, dtype, dense, count);
  }
}

static void exact_add(const struct reduce *reduce, void *states, const canon_block *block) {
  uint32_t dtype = reduce_component(block->whole->in_dtype);
  uint64_t width = block->inner * reduce_components(block->whole->in_dtype), size = canon_dtype_size(dtype);
  for (uint64_t i = 0; i < block->outer * width; i++) {
    const char *row = (const char *)block->in + (i / width * block->axis * width + i % width) * size;
    add_row(reduce->numerics, (char *)states + i * reduce->numerics->sums_bytes, dtype, row, width, block->axis);
  }
}

static void exact_merge(const struct reduce *reduce, const canon_cut *whole, void *into, const void *from, uint64_t n) {
  for (uint64_t i = 0; i < n * reduce_components(whole->in_dtype); i++) {
    uint64_t at = i * reduce->numerics->sums_bytes;
    reduce->numerics->sums_merge((canon_sums *)(void *)((char *)into + at),
                                 (const canon_sums *)(const void *)((const char *)from + at));
  }
}

static int32_t exact_finish(const struct reduce *reduce, const void *states, const canon_block *result) {
  uint32_t dtype = reduce_component(result->whole->out_dtype);
  uint64_t size = canon_dtype_size(dtype);
  int32_t code = CANON_OK;
  for (uint64_t i = 0; !code && i < result->outer * result->inner * reduce_components(result->whole->in_dtype); i++) {
    const canon_sums *sums =
        (const canon_sums *)(const void *)((const char *)states + i * reduce->numerics->sums_bytes);
    code = reduce->numerics->sums_round(sums, sums_of[reduce->operation].what, dtype, (char *)result->out + i * size);
  }
  return code;
}

const struct reduce_kernel reduce_exact = {
    CANON_EXACT, exact_state_bytes, exact_begin, exact_add, exact_merge, exact_finish,
};
