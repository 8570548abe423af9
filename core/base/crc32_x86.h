/* SPDX-License-Identifier: MIT
 * crc32_x86.h: what the x86 kernels of crc32_fold.h share. A block of 16 bytes that D bits follow counts x^D times:
 * its halves, multiplied by x^(D + 32) and x^(D - 32) modulo the polynomial, make a block that lies D bits further on.
 * Bits are reflected, and a product of reflected words comes out one bit low: the constants are one bit high. */
#ifndef CANON_BASE_CRC32_X86_H
#define CANON_BASE_CRC32_X86_H

#include <immintrin.h>

#include "core/base/crc32_fold.h"

/* x^(D + 32), x^(D - 32) */
#define BEHIND_128 0x1751997d0, 0x0ccaa009e
#define BEHIND_512 0x154442bd4, 0x1c6e41596
#define BEHIND_1024 0x1e88ef372, 0x14a7fe880
#define BEHIND_2048 0x11542778a, 0x1322d1430

static inline __m128i keys_of(int64_t low, int64_t high) { return _mm_set_epi64x(high, low); }

static inline __m128i load_block(const uint8_t *bytes) { return _mm_loadu_si128((const __m128i *)bytes); }

static inline __m128i fold_block(__m128i block, __m128i keys, __m128i next) {
  const __m128i low = _mm_clmulepi64_si128(block, keys, 0x00), high = _mm_clmulepi64_si128(block, keys, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

/* Blocks that lie side by side, then what is left of n bytes, `done` of them being in the blocks. */
static inline size_t fold_ending(const __m128i *blocks, int n_blocks, const uint8_t *bytes, size_t done, size_t n,
                                 uint8_t rest[16]) {
  const __m128i keys = keys_of(BEHIND_128);
  __m128i block = blocks[0];
  for (int i = 1; i < n_blocks; i++) block = fold_block(block, keys, blocks[i]);
  for (; n - done >= 16; done += 16) block = fold_block(block, keys, load_block(bytes + done));
  _mm_storeu_si128((__m128i *)rest, block);
  return done;
}

#endif
