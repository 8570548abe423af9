/* SPDX-License-Identifier: MIT
 * numerics.c: the service table: checks arguments, resolves complex numbers into real ones, and calls the kernels. */
#include "core/numerics/numerics.h"

#include <stddef.h>
#include <string.h>

#include "core/model/dtype.h"
#include "core/numerics/kernels.h"
#include "core/numerics/sums.h"
#include "core/numerics/torch/torch.h"

/* A report of any age into one of ours, and back. */
#define REPORT_IN(ours, theirs) \
  memcpy(&(ours), (theirs), (theirs)->struct_size < sizeof(ours) ? (theirs)->struct_size : sizeof(ours))
#define REPORT_OUT(theirs, ours) \
  memcpy((theirs), &(ours), (theirs)->struct_size < sizeof(ours) ? (theirs)->struct_size : sizeof(ours))

static int32_t numerics_normalize(uint32_t dtype, const void *x, void *y, uint64_t outer, uint64_t axis, uint64_t inner,
                                  canon_normalize_report *report) {
  canon_normalize_report counts = {.struct_size = sizeof counts};
  normalize_kernel *kernel = dispatch_normalize(dtype);
  if (!kernel) return CANON_E_UNSUPPORTED;
  if (report) REPORT_IN(counts, report);
  if (outer && axis && inner) kernel(dtype, x, y, outer, axis, inner, &counts);
  if (report) REPORT_OUT(report, counts);
  return CANON_OK;
}

/* The real dtype that a complex one consists of, or 0. */
static uint32_t component(uint32_t dtype) {
  switch (dtype) {
    case CANON_C32: return CANON_F16;
    case CANON_C64: return CANON_F32;
    case CANON_C128: return CANON_F64;
    case CANON_BC32: return CANON_BF16;
    default: return 0;
  }
}

/* y[2 i] = x[i], y[2 i + 1] = 0, by way of a buffer: y may be x where both elements have one size. */
static int32_t cast_to_complex(cast_kernel *kernel, uint32_t from, uint32_t to, uint32_t flags, const uint8_t *x,
                               uint8_t *y, uint64_t n, canon_cast_report *report) {
  enum { PART = 256 };
  uint64_t buffer[PART];
  uint64_t in_size = canon_dtype_size(from), size = canon_dtype_size(to);
  for (uint64_t first = 0; first < n; first += PART) {
    uint64_t count = n - first < PART ? n - first : PART;
    int32_t status = kernel(from, to, flags, x + first * in_size, buffer, count, report);
    if (status) return status;
    memset(y + 2 * first * size, 0, 2 * count * size);
    for (uint64_t i = 0; i < count; i++) {
      memcpy(y + 2 * (first + i) * size, (uint8_t *)buffer + i * size, size);
    }
  }
  return CANON_OK;
}

static int32_t numerics_cast(uint32_t from, uint32_t to, uint32_t flags, const void *x, void *y, uint64_t n,
                             canon_cast_report *report) {
  canon_cast_report counts = {.struct_size = sizeof counts, .refused = CANON_NONE};
  uint32_t from_part = component(from), to_part = component(to);
  cast_kernel *kernel = dispatch_cast(from_part ? from_part : from, to_part ? to_part : to);
  int32_t status;
  if (!kernel || (from_part && !to_part)) return CANON_E_UNSUPPORTED;
  if (flags & ~CANON_CAST_SATURATE) return CANON_E_USAGE;
  if (report) REPORT_IN(counts, report);
  if (from_part) status = kernel(from_part, to_part, flags, x, y, 2 * n, &counts);
  else if (to_part) status = cast_to_complex(kernel, from, to_part, flags, x, y, n, &counts);
  else status = kernel(from, to, flags, x, y, n, &counts);
  if (report) REPORT_OUT(report, counts);
  return status;
}

static int32_t numerics_torch_normalize(const canon_torch_call *call, const void *x, void *y, uint64_t outer,
                                        uint64_t inner, canon_normalize_report *report) {
  canon_normalize_report counts = {.struct_size = sizeof counts};
  if (!torch_takes(call->dtype)) return CANON_E_UNSUPPORTED;
  if (call->dtype == CANON_F16 && !torch_normalizes_f16(call->torch)) return CANON_E_UNSUPPORTED;
  if (report) REPORT_IN(counts, report);
  if (outer && call->axis && inner) torch_normalize(call, x, y, outer, inner, &counts);
  if (report) REPORT_OUT(report, counts);
  return CANON_OK;
}

static const canon_numerics service = {
    .struct_size = sizeof(canon_numerics),
    .sums_bytes = sizeof(struct sums),
    .isa = dispatch_isa,
    .dtype_parse = canon_dtype_parse,
    .normalize = numerics_normalize,
    .cast = numerics_cast,
    .sums_init = sums_init,
    .sums_add = sums_add,
    .sums_merge = sums_merge,
    .sums_round = sums_round,
    .sums_count = sums_count,
    .torch_parse = torch_parse,
    .torch_normalize = numerics_torch_normalize,
    .torch_reduce_bytes = torch_reduce_bytes,
    .torch_reduce_add = torch_reduce_add,
    .torch_reduce_finish = torch_reduce_finish,
    .sums_add_products = sums_add_products,
};

const canon_numerics *numerics_service(void) { return &service; }
