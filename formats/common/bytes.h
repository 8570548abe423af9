/* SPDX-License-Identifier: MIT
 * bytes.h: little-endian numbers in memory, whatever the machine. Used by every reader and writer of binary containers.
 */
#ifndef CANON_FORMATS_BYTES_H
#define CANON_FORMATS_BYTES_H

#include <stdint.h>

static inline uint16_t load_u16(const uint8_t *p) { return (uint16_t)(p[0] | p[1] << 8); }

static inline uint32_t load_u32(const uint8_t *p) {
  return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t load_u64(const uint8_t *p) { return load_u32(p) | (uint64_t)load_u32(p + 4) << 32; }

static inline uint8_t *store_u16(uint8_t *p, uint16_t value) {
  p[0] = (uint8_t)value;
  p[1] = (uint8_t)(value >> 8);
  return p + 2;
}

static inline uint8_t *store_u32(uint8_t *p, uint32_t value) {
  return store_u16(store_u16(p, (uint16_t)value), (uint16_t)(value >> 16));
}

static inline uint8_t *store_u64(uint8_t *p, uint64_t value) {
  return store_u32(store_u32(p, (uint32_t)value), (uint32_t)(value >> 32));
}

#endif
