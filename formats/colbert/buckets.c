/* SPDX-License-Identifier: MIT
 * buckets.c: packed residuals as what they stand for, called by reader.c. A number of nbits bits lies with its lowest
 * bit first, the numbers one behind the other, and each byte is filled from its highest bit on; a row is whole bytes.
 */
#include "formats/colbert/colbert.h"

enum { PIECE = 1 << 12 };

static uint8_t number_at(const uint8_t *bytes, uint64_t bit, uint64_t nbits) {
  uint8_t number = 0;
  for (uint64_t i = 0; i < nbits; i++, bit++) number |= (uint8_t)((bytes[bit / 8] >> (7 - bit % 8) & 1) << i);
  return number;
}

int32_t colbert_buckets_read(canon_job *job, canon_part *part, uint64_t part_node, uint64_t nbits, uint64_t first,
                             uint64_t count, uint8_t *numbers) {
  uint8_t bytes[PIECE + 2];
  const uint64_t most = PIECE * UINT64_C(8) / nbits;
  int32_t code = CANON_OK;
  for (uint64_t done = 0; !code && done < count;) {
    uint64_t n = count - done < most ? count - done : most, bit = (first + done) % 8 * nbits % 8;
    uint64_t byte = (first + done) / 8 * nbits + (first + done) % 8 * nbits / 8;
    code = job->host->part_read(job, part, part_node, byte, (bit + n * nbits + 7) / 8, bytes);
    for (uint64_t i = 0; !code && i < n; i++) numbers[done + i] = number_at(bytes, bit + i * nbits, nbits);
    done += n;
  }
  return code;
}
