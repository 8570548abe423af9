/* SPDX-License-Identifier: MIT
 * squares.c: sums of squares in torch's orders, for float and for double accumulators. The only file of core whose
 * source says fma(); without such an instruction libm's is slow and gives the same bits. */
#include <math.h>

#include "core/numerics/torch/torch.h"

#define REAL float
#define NAME(x) x##_f32
#define FMA fmaf
#define SQRT sqrtf
#define LANES 8
#include "core/numerics/torch/squares.inc"

#define REAL double
#define NAME(x) x##_f64
#define FMA fma
#define SQRT sqrt
#define LANES 4
#include "core/numerics/torch/squares.inc"
