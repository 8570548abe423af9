/* SPDX-License-Identifier: MIT
 * sse2.c: the body in vectors of 2 doubles; CMakeLists.txt has the flags. */
#include <immintrin.h>

typedef __m128d doubles;
typedef __m128 floats;
typedef __m128i words;

enum { WIDTH = 2 };

#define V(name) _mm_##name
#define BITS _mm_castpd_si128
#define OR_BITS _mm_or_si128
#define STORE_BITS _mm_storeu_si128

static inline doubles doubles_widen(const float *x) {
  return _mm_cvtps_pd(_mm_castsi128_ps(_mm_loadl_epi64((const void *)x)));
}

#include "core/numerics/x86/vectors.h"

#define MACHINE kernels_sse2
#define MACHINE_ISA "sse2"

#include "core/numerics/body/machine.inc"
