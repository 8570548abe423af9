/* SPDX-License-Identifier: MIT
 * avx512.c: the body in vectors of 8 doubles; CMakeLists.txt has the flags. */
#include <immintrin.h>

typedef __m512d doubles;
typedef __m512 floats;
typedef __m512i words;

enum { WIDTH = 8 };

#define V(name) _mm512_##name
#define BITS _mm512_castpd_si512
#define OR_BITS _mm512_or_si512
#define STORE_BITS _mm512_storeu_si512

static inline doubles doubles_widen(const float *x) { return _mm512_cvtps_pd(_mm256_loadu_ps(x)); }

#include "core/numerics/x86/halves.h"
#include "core/numerics/x86/vectors.h"

#define MACHINE kernels_avx512
#define MACHINE_ISA "avx512"

#include "core/numerics/body/machine.inc"
