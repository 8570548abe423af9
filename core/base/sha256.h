/* SPDX-License-Identifier: MIT
 * sha256.h: SHA-256 by libcrypto. A failure (it has no memory, or refuses the algorithm) sticks until the end. */
#ifndef CANON_BASE_SHA256_H
#define CANON_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { SHA256_BYTES = 32, SHA256_HEX = 65 };

struct sha256 {
  void *context; /* NULL: not started, or failed */
};

int sha256_start(struct sha256 *sha); /* 0: failed. From zeroed, or once more after an end */
void sha256_add(struct sha256 *sha, const void *bytes, size_t n);
int sha256_end(struct sha256 *sha, uint8_t digest[SHA256_BYTES]); /* 0: failed, now or earlier */
void sha256_free(struct sha256 *sha);

int sha256_of(const void *bytes, size_t n, uint8_t digest[SHA256_BYTES]);
void sha256_hex(const uint8_t digest[SHA256_BYTES], char hex[SHA256_HEX]); /* lower-case, NUL behind it */

#endif
