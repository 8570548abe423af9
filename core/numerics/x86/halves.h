/* SPDX-License-Identifier: MIT
 * halves.h: f16 to f32 and back by F16C, which every CPU with AVX2 has, and bf16 by shifts. Blocks of 32, as
 * body/floats.inc takes them, or as many as a vector of doubles has. */
#ifndef CANON_NUMERICS_X86_HALVES_H
#define CANON_NUMERICS_X86_HALVES_H

#include <stdint.h>

#include <immintrin.h>

#define MACHINE_HALVES 1

#ifdef __AVX512F__

static inline doubles doubles_widen_halves(const uint16_t *x) {
  return _mm512_cvtps_pd(_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(const void *)x)));
}

static inline doubles doubles_widen_bfloats(const uint16_t *x) {
  const __m256i codes = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)(const void *)x));
  return _mm512_cvtps_pd(_mm256_castsi256_ps(_mm256_slli_epi32(codes, 16)));
}

#else

static inline doubles doubles_widen_halves(const uint16_t *x) {
  return _mm256_cvtps_pd(_mm_cvtph_ps(_mm_loadl_epi64((const __m128i *)(const void *)x)));
}

static inline doubles doubles_widen_bfloats(const uint16_t *x) {
  const __m128i codes = _mm_cvtepu16_epi32(_mm_loadl_epi64((const __m128i *)(const void *)x));
  return _mm256_cvtps_pd(_mm_castsi128_ps(_mm_slli_epi32(codes, 16)));
}

#endif

/* y = RN(x * lower) as f16, if that is RN(x * upper) everywhere; whether it is. y may be x. */
static inline int halves_between(const uint16_t *x, float lower, float upper, uint16_t *y, int past) {
  const __m256 below = _mm256_set1_ps(lower), above = _mm256_set1_ps(upper);
  __m128i code[4], differ = _mm_setzero_si128();
  for (int k = 0; k < 4; k++) {
    const __m256 value = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(const void *)(x + 8 * k)));
    const __m128i other = _mm256_cvtps_ph(_mm256_mul_ps(value, above), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    code[k] = _mm256_cvtps_ph(_mm256_mul_ps(value, below), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    differ = _mm_or_si128(differ, _mm_xor_si128(code[k], other));
  }
  if (!_mm_testz_si128(differ, differ)) return 0;
  for (int k = 0; k < 4; k++) {
    __m128i *to = (__m128i *)(void *)(y + 8 * k);
    if (past) _mm_stream_si128(to, code[k]);
    else _mm_storeu_si128(to, code[k]);
  }
  return 1;
}

/* y = RN(x * reciprocal) as bf16, if no product is within a unit of a midpoint; whether none is. y may be x. As
 * multiply_bfloats() of body/floats.inc has it. */
static inline int bfloats_apart(const uint16_t *x, float reciprocal, uint16_t *y, int past) {
  const __m256 by = _mm256_set1_ps(reciprocal);
  const __m256i zero = _mm256_setzero_si256(), half = _mm256_set1_epi32(0x8001), tail = _mm256_set1_epi32(0xFFFF);
  __m256i code[2], least = tail;
  for (int k = 0; k < 2; k++) {
    const __m256i codes = _mm256_loadu_si256((const __m256i *)(const void *)(x + 16 * k));
    const __m256 low = _mm256_castsi256_ps(_mm256_unpacklo_epi16(zero, codes));
    const __m256 high = _mm256_castsi256_ps(_mm256_unpackhi_epi16(zero, codes));
    const __m256i lower = _mm256_add_epi32(_mm256_castps_si256(_mm256_mul_ps(low, by)), half);
    const __m256i upper = _mm256_add_epi32(_mm256_castps_si256(_mm256_mul_ps(high, by)), half);
    least = _mm256_min_epi32(least, _mm256_and_si256(lower, tail));
    least = _mm256_min_epi32(least, _mm256_and_si256(upper, tail));
    code[k] = _mm256_packus_epi32(_mm256_srli_epi32(lower, 16), _mm256_srli_epi32(upper, 16));
  }
  if (_mm256_movemask_epi8(_mm256_cmpgt_epi32(_mm256_set1_epi32(3), least))) return 0;
  for (int k = 0; k < 2; k++) {
    __m256i *to = (__m256i *)(void *)(y + 16 * k);
    if (past) _mm256_stream_si256(to, code[k]);
    else _mm256_storeu_si256(to, code[k]);
  }
  return 1;
}

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
