/* SPDX-License-Identifier: MIT
 * cascade.c: see cascade.h. */
#include "core/numerics/torch/cascade.h"

#include "core/numerics/ref/number.h"

/* A level takes in 2^power additions of the one below: 16, or more so that four levels are enough. */
struct cascade cascade_of(uint64_t vectors, uint32_t ways, uint32_t lanes) {
  struct cascade cascade = {.ways = ways, .lanes = lanes, .vectors = vectors, .steps = vectors / ways};
  uint32_t log2 = cascade.steps > 1 ? (uint32_t)bit_length(cascade.steps - 1) : 0;
  cascade.power = log2 / CASCADE_LEVELS > 4 ? log2 / CASCADE_LEVELS : 4;
  return cascade;
}

#define REAL float
#define NAME(x) x##_f32
#define LANES 8
#include "core/numerics/torch/cascade.inc"

#define REAL double
#define NAME(x) x##_f64
#define LANES 4
#include "core/numerics/torch/cascade.inc"
