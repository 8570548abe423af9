/* SPDX-License-Identifier: MIT
 * vectors.h (x86): the body's vectors as intrinsics, for the machine that says V(), BITS and STORE_BITS: its prefix and
 * how it spells integers. And stores past the caches, which all of x86 have. */
#ifndef CANON_NUMERICS_X86_VECTORS_H
#define CANON_NUMERICS_X86_VECTORS_H

#include <stddef.h>
#include <stdint.h>

#include "core/numerics/kernels.h"

static inline doubles doubles_all(double x) { return V(set1_pd)(x); }
static inline doubles doubles_load(const double *x) { return V(loadu_pd)(x); }
static inline doubles doubles_add(doubles a, doubles b) { return V(add_pd)(a, b); }
static inline doubles doubles_subtract(doubles a, doubles b) { return V(sub_pd)(a, b); }
static inline doubles doubles_multiply(doubles a, doubles b) { return V(mul_pd)(a, b); }
static inline doubles doubles_divide(doubles a, doubles b) { return V(div_pd)(a, b); }
static inline doubles doubles_absolute(doubles a) { return V(andnot_pd)(V(set1_pd)(-0.0), a); }
static inline doubles doubles_least(doubles a, doubles b) { return V(min_pd)(a, b); }
static inline doubles doubles_greatest(doubles a, doubles b) { return V(max_pd)(a, b); }
static inline void doubles_store(double *x, doubles a) { V(storeu_pd)(x, a); }

static inline floats floats_all(float x) { return V(set1_ps)(x); }
static inline floats floats_load(const float *x) { return V(loadu_ps)(x); }
static inline floats floats_divide(floats a, floats b) { return V(div_ps)(a, b); }
static inline void floats_store(float *x, floats a) { V(storeu_ps)(x, a); }

/* x: on a boundary of a vector */
static inline void floats_stream(float *x, floats a) { V(stream_ps)(x, a); }

static inline words words_zero(void) { return V(set1_epi32)(0); }
static inline words words_add_bits(words a, doubles b) { return V(add_epi64)(a, BITS(b)); }
static inline words words_or_bits(words a, doubles b) { return OR_BITS(a, BITS(b)); }
static inline void words_store(uint64_t *x, words a) { STORE_BITS((void *)x, a); }

#define MACHINE_STREAMS 1

/* n: a multiple of 64; to: on a boundary of 64 */
static inline void machine_stream(void *to, const void *from, uint64_t n) {
  __m128i *line = to;
  const __m128i *source = from;
  for (uint64_t i = 0; i < n / sizeof *line; i++) _mm_stream_si128(line + i, _mm_loadu_si128(source + i));
}

/* The line that many bytes behind x; it need not be there. */
static inline void machine_prefetch(const void *x, uint64_t bytes) {
  _mm_prefetch((const void *)((uintptr_t)x + bytes), _MM_HINT_T0);
}
static inline void machine_stream_end(void) { _mm_sfence(); }

#ifndef MACHINE_HALVES
static cast_kernel *find_cast(uint32_t from, uint32_t to) {
  (void)from, (void)to;
  return NULL;
}
#endif

#endif
