/* SPDX-License-Identifier: MIT
 * normalize.c: torch.nn.functional.normalize over one axis of a dense tensor: x / max(norm, 1e-12), where the norm is
 * rounded to the tensor's dtype before it divides, and 1e-12 too (in f16 that is 0). */
#include <math.h>

#include "core/numerics/torch/torch.h"

/* Rows that lie across memory are taken in tiles of so many. */
enum { TILE = 64 };

/* How the norms are made. */
struct rule {
  struct torch_order order;
  int is_abs;
  uint64_t part; /* elements of a row that one thread adds up: the row, or less */
};

/* 1e-12 in each dtype, as a real. */
static double smallest_divisor(uint32_t dtype) {
  switch (dtype) {
    case CANON_F16: return 0;
    case CANON_BF16: return 0x8Dp-47;
    case CANON_F32: return 0x8CBCCCp-63;
    default: return 1e-12;
  }
}

#define REAL float
#define NAME(x) x##_f32
#define FABS fabsf
#include "core/numerics/torch/normalize.inc"

#define REAL double
#define NAME(x) x##_f64
#define FABS fabs
#include "core/numerics/torch/normalize.inc"

void torch_normalize(const canon_torch_call *call, const void *x, void *y, uint64_t outer, uint64_t inner,
                     canon_normalize_report *report) {
  const uint64_t slab = call->axis * inner * canon_dtype_size(call->dtype);
  const int last = call->inner == 1, wide = call->dtype == CANON_F64;
  struct rule rule = {.order = torch_norm_order(call->torch, call->dtype, last && call->axis > 1), .part = call->axis};
  rule.is_abs = call->axis == 1 && torch_norm_of_one_is_abs(call->torch);
  if (rule.order.lanes == 1) rule.part = torch_part(call);
  for (uint64_t i = 0; i < outer; i++) {
    const uint8_t *from = (const uint8_t *)x + i * slab;
    uint8_t *to = (uint8_t *)y + i * slab;
    if (last && wide) normalize_row_f64(&rule, call->dtype, from, to, call->axis, report);
    else if (last) normalize_row_f32(&rule, call->dtype, from, to, call->axis, report);
    else if (wide) normalize_across_f64(&rule, call->dtype, from, to, call->axis, inner, report);
    else normalize_across_f32(&rule, call->dtype, from, to, call->axis, inner, report);
  }
}
