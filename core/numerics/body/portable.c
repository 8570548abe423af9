/* SPDX-License-Identifier: MIT
 * portable.c: the table of the portable machine. */
#include <stddef.h>

#include "core/numerics/body/body.h"
#include "core/numerics/ref/ref.h"

static normalize_kernel *find_normalize(uint32_t dtype) { return ref_is_normalizable(dtype) ? body_normalize : NULL; }

static cast_kernel *find_cast(uint32_t from, uint32_t to) {
  return ref_is_real(from) && ref_is_real(to) ? body_cast : NULL;
}

static sums_kernel *find_sums(uint32_t dtype) {
  return canon_dtype_kind(dtype) == CANON_KIND_FLOAT && dtype != CANON_F64 ? body_sums : NULL;
}

const struct kernels kernels_portable = {"portable", find_normalize, find_cast, find_sums};
