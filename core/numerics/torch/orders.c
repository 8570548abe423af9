/* SPDX-License-Identifier: MIT
 * orders.c: in which order torch adds, as measured on its wheels; docs/torch-variants.md says which. A line holds from
 * its version on, up to the next line of the same capability. */
#include <stddef.h>

#include "core/numerics/torch/torch.h"

#define FUSED(lanes, block) \
  { lanes, block, OP_FUSED, OP_FUSED }
#define QUADS(lanes, block) \
  { lanes, block, OP_FUSED, OP_QUADS }
#define ROUNDED(lanes, block) \
  { lanes, block, OP_ROUNDED, OP_ROUNDED }
#define NARROW \
  { 1, 1, OP_NARROW, OP_NARROW }

/* Products of two f16 are exact in float, so fused and rounded are the same there. */
static const struct norm_orders {
  uint32_t since;
  uint32_t capability;
  struct torch_order f32, f64, bf16, f16; /* along the last axis */
  struct torch_order slow, bf16_slow;     /* along another one: f32 and f64, bf16. f16: as along the last */
  int one_is_abs;                         /* the norm of one element is its magnitude; before: order `slow` */
  int f16_normalize;                      /* whether torch takes it; its norm it always does */
} norms[] = {
    {TORCH_VERSION(1, 13), CANON_TORCH_AVX2, FUSED(8, 8), FUSED(1, 1), FUSED(8, 16), NARROW, FUSED(1, 1), NARROW, 0, 0},
    {TORCH_VERSION(2, 0), CANON_TORCH_AVX2, FUSED(8, 8), FUSED(4, 4), FUSED(8, 16), NARROW, FUSED(1, 1), NARROW, 0, 0},
    {TORCH_VERSION(2, 1), CANON_TORCH_AVX2, FUSED(8, 8), FUSED(4, 4), FUSED(8, 16), ROUNDED(1, 1), FUSED(1, 1),
     FUSED(1, 1), 0, 1},
    {TORCH_VERSION(2, 4), CANON_TORCH_AVX2, FUSED(8, 8), FUSED(4, 4), FUSED(8, 16), ROUNDED(1, 1), FUSED(1, 1),
     FUSED(1, 1), 1, 1},
    {TORCH_VERSION(2, 7), CANON_TORCH_AVX2, QUADS(8, 8), FUSED(4, 4), FUSED(8, 16), ROUNDED(1, 1), FUSED(1, 1),
     FUSED(1, 1), 1, 1},
    {TORCH_VERSION(2, 8),
     CANON_TORCH_AVX2,
     {8, 8, OP_ROUNDED, OP_QUADS},
     {4, 4, OP_ROUNDED, OP_FUSED},
     ROUNDED(8, 16),
     ROUNDED(1, 1),
     ROUNDED(1, 1),
     ROUNDED(1, 1),
     1,
     1},

    {TORCH_VERSION(1, 13), CANON_TORCH_DEFAULT, ROUNDED(8, 8), ROUNDED(1, 1), ROUNDED(8, 16), NARROW, ROUNDED(1, 1),
     NARROW, 0, 0},
    {TORCH_VERSION(2, 0), CANON_TORCH_DEFAULT, ROUNDED(8, 8), ROUNDED(4, 4), ROUNDED(8, 16), NARROW, ROUNDED(1, 1),
     NARROW, 0, 0},
    {TORCH_VERSION(2, 1), CANON_TORCH_DEFAULT, ROUNDED(8, 8), ROUNDED(4, 4), ROUNDED(8, 16), ROUNDED(1, 1),
     ROUNDED(1, 1), ROUNDED(1, 1), 0, 1},
    {TORCH_VERSION(2, 4), CANON_TORCH_DEFAULT, ROUNDED(8, 8), ROUNDED(4, 4), ROUNDED(8, 16), ROUNDED(1, 1),
     ROUNDED(1, 1), ROUNDED(1, 1), 1, 1},
};

/* Sums of f32 and f64 are the same in all versions. */
static const struct sum_orders {
  uint32_t since;
  enum torch_pairs f16, bf16;
  enum torch_mean mean16;
} sums[] = {
    {TORCH_VERSION(1, 13), PAIRS_NEIGHBOURS, PAIRS_HALVES, MEAN_NARROW},
    {TORCH_VERSION(2, 1), PAIRS_NEIGHBOURS, PAIRS_HALVES, MEAN_SEQUENTIAL},
    {TORCH_VERSION(2, 3), PAIRS_HALVES, PAIRS_HALVES, MEAN_WIDE},
};

/* AVX-512 has no kernels of its own where it is not refused: torch falls back to those for AVX2. */
static const struct norm_orders *norm_line(const canon_torch *torch) {
  uint32_t capability = torch->capability == CANON_TORCH_DEFAULT ? CANON_TORCH_DEFAULT : CANON_TORCH_AVX2;
  const struct norm_orders *line = NULL;
  for (size_t i = 0; i < sizeof norms / sizeof norms[0]; i++) {
    if (norms[i].capability == capability && norms[i].since <= torch->version) line = &norms[i];
  }
  return line;
}

static const struct sum_orders *sum_line(const canon_torch *torch) {
  const struct sum_orders *line = NULL;
  for (size_t i = 0; i < sizeof sums / sizeof sums[0] && sums[i].since <= torch->version; i++) line = &sums[i];
  return line;
}

int torch_takes(uint32_t dtype) {
  return dtype == CANON_F16 || dtype == CANON_BF16 || dtype == CANON_F32 || dtype == CANON_F64;
}

struct torch_order torch_norm_order(const canon_torch *torch, uint32_t dtype, int last_axis) {
  const struct norm_orders *line = norm_line(torch);
  switch (dtype) {
    case CANON_F16: return line->f16;
    case CANON_BF16: return last_axis ? line->bf16 : line->bf16_slow;
    case CANON_F64: return last_axis ? line->f64 : line->slow;
    default: return last_axis ? line->f32 : line->slow;
  }
}

int torch_norm_of_one_is_abs(const canon_torch *torch) { return norm_line(torch)->one_is_abs; }
int torch_normalizes_f16(const canon_torch *torch) { return norm_line(torch)->f16_normalize; }

enum torch_pairs torch_sum_pairs(const canon_torch *torch, uint32_t dtype) {
  return dtype == CANON_F16 ? sum_line(torch)->f16 : sum_line(torch)->bf16;
}

enum torch_mean torch_mean_rule(const canon_torch *torch, uint32_t dtype) {
  return canon_dtype_size(dtype) == 2 ? sum_line(torch)->mean16 : MEAN_WIDE;
}
