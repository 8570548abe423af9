/* SPDX-License-Identifier: MIT
 * halves.h: f16 to f32 and back by F16C, which every CPU with AVX2 has. A block of 32, as body/floats.inc takes them.
 */
#ifndef CANON_NUMERICS_X86_HALVES_H
#define CANON_NUMERICS_X86_HALVES_H

#include <stdint.h>

#include <immintrin.h>

#define MACHINE_HALVES 1

/* In pieces as wide as the vectors that are read and written on the other side: a store that a load finds in two parts
 * is waited for. */
#ifdef __AVX512F__

static inline void halves_load(const uint16_t *x, float *y) {
  for (int j = 0; j < 32; j += 16) {
    _mm512_storeu_ps(y + j, _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(const void *)(x + j))));
  }
}

static inline void halves_store(const float *x, uint16_t *y) {
  for (int j = 0; j < 32; j += 16) {
    const __m256i codes = _mm512_cvtps_ph(_mm512_loadu_ps(x + j), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    _mm256_storeu_si256((__m256i *)(void *)(y + j), codes);
  }
}

#else

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

/* As undecided_half() has it: in each lane what is nearest to a midpoint, and the least that is not zero, less one. */
static inline uint32_t halves_undecided(const float *quotient) {
  const __m256i tail = _mm256_set1_epi32(0x1FFF), middle = _mm256_set1_epi32(0x1000), one = _mm256_set1_epi32(1);
  const __m256i magnitude = _mm256_set1_epi32(0x7FFFFFFF), subnormal = _mm256_set1_epi32((113 << 23) - 2);
  __m256i away = _mm256_set1_epi32(-1), least = away;
  for (int j = 0; j < 32; j += 8) {
    const __m256i bits = _mm256_castps_si256(_mm256_loadu_ps(quotient + j));
    away = _mm256_min_epu32(away, _mm256_xor_si256(_mm256_and_si256(bits, tail), middle));
    least = _mm256_min_epu32(least, _mm256_sub_epi32(_mm256_and_si256(bits, magnitude), one));
  }
  away = _mm256_cmpeq_epi32(away, _mm256_setzero_si256());
  least = _mm256_cmpeq_epi32(_mm256_min_epu32(least, subnormal), least);
  return !_mm256_testz_si256(_mm256_or_si256(away, least), _mm256_or_si256(away, least));
}

#endif
