/* SPDX-License-Identifier: MIT
 * halves.h: f16 to f32 and back by F16C, which every CPU with AVX2 has. A block of 32, as body/floats.inc takes them. */
#ifndef CANON_NUMERICS_X86_HALVES_H
#define CANON_NUMERICS_X86_HALVES_H

#include <stdint.h>

#include <immintrin.h>

#define MACHINE_HALVES 1

static inline void halves_load(const uint16_t *x, float *y) {
  for (int j = 0; j < 32; j += 8) {
    _mm256_storeu_ps(y + j, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(const void *)(x + j))));
  }
}

static inline void halves_store(const float *x, uint16_t *y) {
  for (int j = 0; j < 32; j += 8) {
    const __m128i codes = _mm256_cvtps_ph(_mm256_loadu_ps(x + j), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    _mm_storeu_si128((__m128i *)(void *)(y + j), codes);
  }
}

#endif
