/* SPDX-License-Identifier: MIT
 * crc32_fold.h: the bulk of a CRC-32 by carry-less multiplication (Gopal et al., "Fast CRC Computation for Generic
 * Polynomials Using PCLMULQDQ", 2009). A kernel folds many blocks of 16 bytes into one that has the same remainder;
 * crc32.c, which alone calls them, takes that remainder from its tables. */
#ifndef CANON_BASE_CRC32_FOLD_H
#define CANON_BASE_CRC32_FOLD_H

#include <stddef.h>
#include <stdint.h>

/* `state` is the register before the first byte. Returns how many bytes `rest` stands for: all but less than 16, or 0
 * where n is too small to be worth it. */
typedef size_t crc32_fold(uint32_t state, const uint8_t *bytes, size_t n, uint8_t rest[16]);

crc32_fold crc32_fold_pclmul, crc32_fold_avx512;

/* The kernels that this CPU can run, fastest first, and at last NULL: tables alone. All give the same. */
crc32_fold *crc32_kernel(size_t i);
uint32_t crc32_update_by(crc32_fold *fold, uint32_t crc, const void *bytes, size_t n);

#endif
