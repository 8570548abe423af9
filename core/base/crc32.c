/* SPDX-License-Identifier: MIT
 * crc32.c: sixteen bytes a step through sixteen tables (slicing-by-16, Kounavis and Berry 2005), behind what a kernel
 * of crc32_fold.h does where the CPU has one. Bits are reflected: the top bit of a word stands for x^0. An entry is
 * linear in its index, so each is spelled out from eight powers of x modulo the polynomial: entry 0x80 of table k is
 * x^(32 + 8k), entry 0x01 is x^(39 + 8k). */
#include "core/base/crc32.h"

#include "core/base/crc32_fold.h"

#define POLYNOMIAL 0xedb88320u

/* clang-format off */
#define BIT(i, bit, power) ((i) & (bit) ? (power) : 0u)
#define ONE(i, a, b, c, d, e, f, g, h) \
  BIT(i, 0x80, a) ^ BIT(i, 0x40, b) ^ BIT(i, 0x20, c) ^ BIT(i, 0x10, d) ^ \
  BIT(i, 0x08, e) ^ BIT(i, 0x04, f) ^ BIT(i, 0x02, g) ^ BIT(i, 0x01, h)
#define FOUR(i, ...) ONE(i, __VA_ARGS__), ONE(i + 1, __VA_ARGS__), ONE(i + 2, __VA_ARGS__), ONE(i + 3, __VA_ARGS__)
#define SIXTEEN(i, ...) \
  FOUR(i, __VA_ARGS__), FOUR(i + 4, __VA_ARGS__), FOUR(i + 8, __VA_ARGS__), FOUR(i + 12, __VA_ARGS__)
#define FOURTH(i, ...) \
  SIXTEEN(i, __VA_ARGS__), SIXTEEN(i + 16, __VA_ARGS__), SIXTEEN(i + 32, __VA_ARGS__), SIXTEEN(i + 48, __VA_ARGS__)
#define TABLE(...) {FOURTH(0, __VA_ARGS__), FOURTH(64, __VA_ARGS__), FOURTH(128, __VA_ARGS__), FOURTH(192, __VA_ARGS__)}

static const uint32_t tables[16][256] = {
  TABLE(0xedb88320, 0x76dc4190, 0x3b6e20c8, 0x1db71064, 0x0edb8832, 0x076dc419, 0xee0e612c, 0x77073096),
  TABLE(0x3b83984b, 0xf0794f05, 0x958424a2, 0x4ac21251, 0xc8d98a08, 0x646cc504, 0x32366282, 0x191b3141),
  TABLE(0xe1351b80, 0x709a8dc0, 0x384d46e0, 0x1c26a370, 0x0e1351b8, 0x0709a8dc, 0x0384d46e, 0x01c26a37),
  TABLE(0xed59b63b, 0x9b14583d, 0xa032af3e, 0x5019579f, 0xc5b428ef, 0x8f629757, 0xaa09c88b, 0xb8bc6765),
  TABLE(0xb1e6b092, 0x58f35849, 0xc1c12f04, 0x60e09782, 0x30704bc1, 0xf580a6c0, 0x7ac05360, 0x3d6029b0),
  TABLE(0x1eb014d8, 0x0f580a6c, 0x07ac0536, 0x03d6029b, 0xec53826d, 0x9b914216, 0x4dc8a10b, 0xcb5cd3a5),
  TABLE(0x8816eaf2, 0x440b7579, 0xcfbd399c, 0x67de9cce, 0x33ef4e67, 0xf44f2413, 0x979f1129, 0xa6770bb4),
  TABLE(0x533b85da, 0x299dc2ed, 0xf9766256, 0x7cbb312b, 0xd3e51bb5, 0x844a0efa, 0x4225077d, 0xccaa009e),
  TABLE(0x6655004f, 0xde920307, 0x82f182a3, 0xacc04271, 0xbbd8a218, 0x5dec510c, 0x2ef62886, 0x177b1443),
  TABLE(0xe6050901, 0x9eba07a0, 0x4f5d03d0, 0x27ae81e8, 0x13d740f4, 0x09eba07a, 0x04f5d03d, 0xefc26b3e),
  TABLE(0x77e1359f, 0xd64819ef, 0x869c8fd7, 0xaef6c4cb, 0xbac3e145, 0xb0d97382, 0x586cb9c1, 0xc18edfc0),
  TABLE(0x60c76fe0, 0x3063b7f0, 0x1831dbf8, 0x0c18edfc, 0x060c76fe, 0x03063b7f, 0xec3b9e9f, 0x9ba54c6f),
  TABLE(0xa06a2517, 0xbd8d91ab, 0xb37e4bf5, 0xb407a6da, 0x5a03d36d, 0xc0b96a96, 0x605cb54b, 0xdd96d985),
  TABLE(0x8373efe2, 0x41b9f7f1, 0xcd6478d8, 0x66b23c6c, 0x33591e36, 0x19ac8f1b, 0xe16ec4ad, 0x9d0fe176),
  TABLE(0x4e87f0bb, 0xcafb7b7d, 0x88c53e9e, 0x44629f4f, 0xcf89cc87, 0x8a7c6563, 0xa886b191, 0xb9fbdbe8),
  TABLE(0x5cfdedf4, 0x2e7ef6fa, 0x173f7b7d, 0xe6273e9e, 0x73139f4f, 0xd4314c87, 0x87a02563, 0xae689191),
};
/* clang-format on */

static uint32_t word(const uint8_t *s) {
  return (uint32_t)s[0] | (uint32_t)s[1] << 8 | (uint32_t)s[2] << 16 | (uint32_t)s[3] << 24;
}

/* What four bytes add, `behind` bytes of the block being left after them. */
static uint32_t fold(uint32_t w, unsigned behind) {
  return tables[behind + 3][w & 0xff] ^ tables[behind + 2][w >> 8 & 0xff] ^ tables[behind + 1][w >> 16 & 0xff] ^
         tables[behind][w >> 24];
}

static uint32_t step(uint32_t state, const uint8_t *s, size_t n) {
  for (; n >= 16; s += 16, n -= 16)
    state = fold(word(s) ^ state, 12) ^ fold(word(s + 4), 8) ^ fold(word(s + 8), 4) ^ fold(word(s + 12), 0);
  for (; n; s++, n--) state = state >> 8 ^ tables[0][(state ^ *s) & 0xff];
  return state;
}

crc32_fold *crc32_kernel(size_t i) {
#ifdef CANON_CRC32_AVX512
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("vpclmulqdq") && i-- == 0) return crc32_fold_avx512;
#endif
#ifdef CANON_CRC32_PCLMUL
  if (__builtin_cpu_supports("pclmul") && i-- == 0) return crc32_fold_pclmul;
#endif
  (void)i;
  return NULL;
}

uint32_t crc32_update_by(crc32_fold *fold_most, uint32_t crc, const void *bytes, size_t n) {
  uint8_t rest[16];
  size_t done = fold_most ? fold_most(~crc, bytes, n, rest) : 0;
  uint32_t state = done ? step(0, rest, sizeof rest) : ~crc;
  return ~(n > done ? step(state, (const uint8_t *)bytes + done, n - done) : state);
}

uint32_t crc32_update(uint32_t crc, const void *bytes, size_t n) {
  return crc32_update_by(crc32_kernel(0), crc, bytes, n);
}

/* a * b modulo the polynomial. */
static uint32_t multiply(uint32_t a, uint32_t b) {
  uint32_t product = 0;
  for (uint32_t bit = 0x80000000u; bit; bit >>= 1) {
    if (a & bit) product ^= b;
    b = b >> 1 ^ (b & 1 ? POLYNOMIAL : 0u);
  }
  return product;
}

/* Bytes that follow multiply what came before by x^8 each; the two inversions of the register cancel. */
uint32_t crc32_join(uint32_t a, uint32_t b, uint64_t b_bytes) {
  uint32_t square = 0x00800000u; /* x^8 */
  for (; b_bytes; b_bytes >>= 1) {
    if (b_bytes & 1) a = multiply(square, a);
    square = multiply(square, square);
  }
  return a ^ b;
}
