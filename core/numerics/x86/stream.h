/* SPDX-License-Identifier: MIT
 * stream.h: what the machines of x86 have in common: stores past the caches, and no casts of their own. */
#ifndef CANON_NUMERICS_X86_STREAM_H
#define CANON_NUMERICS_X86_STREAM_H

#include <stdint.h>

#include <immintrin.h>

#include "core/numerics/kernels.h"

#define MACHINE_STREAMS 1

static cast_kernel *find_cast(uint32_t from, uint32_t to) {
  (void)from, (void)to;
  return NULL;
}

/* n: a multiple of 64; to: on a boundary of 64 */
static inline void machine_stream(void *to, const void *from, uint64_t n) {
  __m128i *line = to;
  const __m128i *source = from;
  for (uint64_t i = 0; i < n / sizeof *line; i++) _mm_stream_si128(line + i, _mm_loadu_si128(source + i));
}

static inline void machine_stream_end(void) { _mm_sfence(); }

#endif
