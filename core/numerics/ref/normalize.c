/* SPDX-License-Identifier: MIT
 * normalize.c (ref): what normalize means. d = max(n, RN(1e-12)), y = RN(x / d), n from the exact sum of squares. */
#include <stddef.h>

#include "core/numerics/ref/ref.h"

/* RN(1e-12) to 24 and to 53 bits. */
static const struct number smallest_divisor_24 = {.significand = 0x8CBCCC, .exponent = -63};
static const struct number smallest_divisor_53 = {.significand = UINT64_C(0x119799812DEA11), .exponent = -92};

struct number ref_norm(uint32_t dtype, const void *x, uint64_t axis, uint64_t stride) {
  const uint8_t *element = x;
  struct wide squares = {.pending = 0};
  struct number special = {.kind = NUMBER_FINITE};
  for (uint64_t i = 0; i < axis; i++, element += stride) {
    struct number value = number_load(dtype, element);
    if (value.kind == NUMBER_FINITE) wide_add_square(&squares, value.significand, value.exponent);
    else if (special.kind != NUMBER_NAN) special.kind = value.kind;
  }
  if (special.kind != NUMBER_FINITE) return special;
  return number_round(wide_sqrt(&squares), dtype == CANON_F64 ? 53 : 24);
}

/* x / d, where d may be infinite; neither is NaN. */
static struct number quotient(struct number x, struct number d) {
  if (d.kind == NUMBER_FINITE) return number_divide(x, d);
  if (x.kind == NUMBER_INFINITE) return (struct number){.kind = NUMBER_NAN};
  return (struct number){.kind = NUMBER_FINITE, .negative = x.negative};
}

static void normalize_row(uint32_t dtype, const uint8_t *x, uint8_t *y, uint64_t axis, uint64_t stride,
                          canon_normalize_report *report) {
  const struct float_layout *layout = float_layout(dtype);
  const struct number smallest = dtype == CANON_F64 ? smallest_divisor_53 : smallest_divisor_24;
  struct number divisor = ref_norm(dtype, x, axis, stride);
  report->exact_rows++;
  if (divisor.kind == NUMBER_NAN) report->nan_rows++;
  if (divisor.kind == NUMBER_INFINITE) report->infinite_rows++;
  if (divisor.kind == NUMBER_FINITE && number_smaller(divisor, smallest)) {
    report->small_rows++;
    divisor = smallest;
  }
  for (uint64_t i = 0; i < axis; i++) {
    enum rounding rounding;
    uint64_t code = layout->nan;
    if (divisor.kind != NUMBER_NAN) {
      code = number_code(layout, quotient(number_load(dtype, x + i * stride), divisor), &rounding);
    }
    element_store(y + i * stride, layout->size, code);
  }
}

void ref_normalize(uint32_t dtype, const void *x, void *y, uint64_t outer, uint64_t axis, uint64_t inner,
                   canon_normalize_report *report) {
  uint64_t size = canon_dtype_size(dtype);
  const uint8_t *from = x;
  uint8_t *to = y;
  for (uint64_t i = 0; i < outer; i++) {
    for (uint64_t j = 0; j < inner; j++) {
      uint64_t start = (i * axis * inner + j) * size;
      normalize_row(dtype, from + start, to + start, axis, inner * size, report);
    }
  }
}

int ref_is_real(uint32_t dtype) {
  uint32_t kind = canon_dtype_kind(dtype);
  return kind == CANON_KIND_BOOL || kind == CANON_KIND_UINT || kind == CANON_KIND_INT || kind == CANON_KIND_FLOAT;
}

int ref_is_normalizable(uint32_t dtype) {
  return canon_dtype_kind(dtype) == CANON_KIND_FLOAT && dtype != CANON_F8_E8M0FNU;
}

static normalize_kernel *find_normalize(uint32_t dtype) { return ref_is_normalizable(dtype) ? ref_normalize : NULL; }
static cast_kernel *find_cast(uint32_t from, uint32_t to) {
  return ref_is_real(from) && ref_is_real(to) ? ref_cast : NULL;
}
static sums_kernel *find_sums(uint32_t dtype) { return ref_is_real(dtype) ? ref_sums : NULL; }

static products_kernel *find_products(uint32_t dtype) { return ref_is_real(dtype) ? ref_products : NULL; }

const struct kernels kernels_ref = {"ref", find_normalize, find_cast, find_sums, find_products, NULL};
