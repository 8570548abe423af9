/* SPDX-License-Identifier: MIT
 * avx2.c: the body in vectors of 4 doubles; CMakeLists.txt has the flags. */
#include <immintrin.h>

typedef __m256d doubles;
typedef __m256 floats;
typedef __m256i words;

enum { WIDTH = 4 };

#define V(name) _mm256_##name
#define BITS _mm256_castpd_si256
#define OR_BITS _mm256_or_si256
#define STORE_BITS _mm256_storeu_si256

static inline doubles doubles_widen(const float *x) { return _mm256_cvtps_pd(_mm_loadu_ps(x)); }

#include "core/numerics/x86/halves.h"
#include "core/numerics/x86/vectors.h"

#define MACHINE kernels_avx2
#define MACHINE_ISA "avx2"

#include "core/numerics/body/machine.inc"
