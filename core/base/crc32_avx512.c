/* SPDX-License-Identifier: MIT
 * crc32_avx512.c: see crc32_fold.h. Sixteen blocks at a time, four a register. */
#include "core/base/crc32_x86.h"

static inline __m512i load_four(const uint8_t *bytes) { return _mm512_loadu_si512(bytes); }

static inline __m512i fold_four(__m512i four, __m512i keys, __m512i next) {
  const __m512i low = _mm512_clmulepi64_epi128(four, keys, 0x00), high = _mm512_clmulepi64_epi128(four, keys, 0x11);
  return _mm512_ternarylogic_epi64(low, high, next, 0x96); /* exclusive or of three */
}

size_t crc32_fold_avx512(uint32_t state, const uint8_t *bytes, size_t n, uint8_t rest[16]) {
  const __m512i near = _mm512_broadcast_i32x4(keys_of(BEHIND_512)), far = _mm512_broadcast_i32x4(keys_of(BEHIND_2048));
  __m512i fours[4];
  __m128i blocks[4];
  size_t done = 256;
  if (n < 256) return crc32_fold_pclmul(state, bytes, n, rest);
  for (int i = 0; i < 4; i++) fours[i] = load_four(bytes + 64 * i);
  fours[0] = _mm512_xor_si512(fours[0], _mm512_zextsi128_si512(_mm_cvtsi32_si128((int)state)));
  for (; n - done >= 256; done += 256)
    for (int i = 0; i < 4; i++) fours[i] = fold_four(fours[i], far, load_four(bytes + done + 64 * i));
  for (int i = 1; i < 4; i++) fours[0] = fold_four(fours[0], near, fours[i]);
  for (; n - done >= 64; done += 64) fours[0] = fold_four(fours[0], near, load_four(bytes + done));
  _mm512_storeu_si512(blocks, fours[0]);
  return fold_ending(blocks, 4, bytes, done, n, rest);
}
