/* SPDX-License-Identifier: MIT
 * crc32_pclmul.c: see crc32_fold.h. Eight blocks at a time, so that one multiplication need not wait for another. */
#include "core/base/crc32_x86.h"

enum { AT_ONCE = 8, STEP = 16 * AT_ONCE };

size_t crc32_fold_pclmul(uint32_t state, const uint8_t *bytes, size_t n, uint8_t rest[16]) {
  const __m128i keys = keys_of(BEHIND_1024);
  __m128i blocks[AT_ONCE];
  size_t done = STEP;
  if (n < STEP) return 0;
  for (int i = 0; i < AT_ONCE; i++) blocks[i] = load_block(bytes + 16 * i);
  blocks[0] = _mm_xor_si128(blocks[0], _mm_cvtsi32_si128((int)state));
  for (; n - done >= STEP; done += STEP)
    for (int i = 0; i < AT_ONCE; i++) blocks[i] = fold_block(blocks[i], keys, load_block(bytes + done + 16 * i));
  return fold_ending(blocks, AT_ONCE, bytes, done, n, rest);
}
