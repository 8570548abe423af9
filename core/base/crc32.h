/* SPDX-License-Identifier: MIT
 * crc32.h: zip's CRC-32 (reflected polynomial 0xedb88320), for extents that the host writes from several threads. */
#ifndef CANON_BASE_CRC32_H
#define CANON_BASE_CRC32_H

#include <stddef.h>
#include <stdint.h>

uint32_t crc32_update(uint32_t crc, const void *bytes, size_t n); /* crc: 0 at first */
uint32_t crc32_join(uint32_t a, uint32_t b, uint64_t b_bytes);    /* of A then B, from the CRCs of both */

#endif
