/* SPDX-License-Identifier: MIT
 * portable.c: the portable machine: the body as the compiler's own flags have it, and all casts. */
#include <stddef.h>

#include "core/numerics/body/body.h"
#include "core/numerics/body/vectors.h"
#include "core/numerics/ref/ref.h"

#define MACHINE kernels_portable
#define MACHINE_ISA "portable"
#define MACHINE_STREAMS 0

static cast_kernel *find_cast(uint32_t from, uint32_t to) {
  return ref_is_real(from) && ref_is_real(to) ? body_cast : NULL;
}

static inline void machine_stream(void *to, const void *from, uint64_t n) { memcpy(to, from, n); }
static inline void machine_stream_end(void) {}
static inline void machine_prefetch(const void *x, uint64_t bytes) { (void)x, (void)bytes; }

#include "core/numerics/body/machine.inc"
