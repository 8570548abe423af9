/* SPDX-License-Identifier: MIT
 * dispatch.c: the machines that kernels exist for, from the specification upward. The highest that has a
 * kernel for some dtype gives it. */
#include <stddef.h>

#include "core/numerics/kernels.h"

static const struct kernels *const machines[] = {&kernels_ref, &kernels_portable};

enum { MACHINES = sizeof machines / sizeof machines[0] };

const char *dispatch_isa(void) { return machines[MACHINES - 1]->isa; }

normalize_kernel *dispatch_normalize(uint32_t dtype) {
  normalize_kernel *kernel = NULL;
  for (size_t i = MACHINES; i-- && !kernel;) kernel = machines[i]->normalize(dtype);
  return kernel;
}

cast_kernel *dispatch_cast(uint32_t from, uint32_t to) {
  cast_kernel *kernel = NULL;
  for (size_t i = MACHINES; i-- && !kernel;) kernel = machines[i]->cast(from, to);
  return kernel;
}

sums_kernel *dispatch_sums(uint32_t dtype) {
  sums_kernel *kernel = NULL;
  for (size_t i = MACHINES; i-- && !kernel;) kernel = machines[i]->sums(dtype);
  return kernel;
}
