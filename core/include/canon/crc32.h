/* SPDX-License-Identifier: MIT
 * crc32.h: the host's service "canon.crc32/1": zip's CRC-32 by instructions of this CPU, for formats that check or
 * write one. Draft until it is frozen. A plugin gets the table by canon_crc32_query(job) and keeps it as long as it
 * likes; NULL where host or CPU are no faster than a library that the plugin has. Any thread. */
#ifndef CANON_CRC32_H
#define CANON_CRC32_H

#include "abi.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CANON_CRC32_SERVICE "canon.crc32/1"

typedef struct canon_crc32 {
  uint32_t struct_size;
  uint32_t reserved;

  /* Of what came before, whose CRC-32 is `crc` (0: nothing did), and n bytes more. */
  uint32_t (*update)(uint32_t crc, const void *bytes, uint64_t n);

  /* Of A and then B, from the CRC-32 of both. */
  uint32_t (*join)(uint32_t a, uint32_t b, uint64_t b_bytes);
} canon_crc32;

static inline const canon_crc32 *canon_crc32_query(canon_job *job) {
  return (const canon_crc32 *)job->host->query(job, CANON_CRC32_SERVICE);
}

#ifdef __cplusplus
}
#endif
#endif
