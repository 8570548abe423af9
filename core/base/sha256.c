/* SPDX-License-Identifier: MIT
 * sha256.c: see sha256.h. */
#include "core/base/sha256.h"

#include <openssl/evp.h>

void sha256_free(struct sha256 *sha) {
  EVP_MD_CTX_free(sha->context);
  sha->context = NULL;
}

int sha256_start(struct sha256 *sha) {
  if (!sha->context) sha->context = EVP_MD_CTX_new();
  if (sha->context && EVP_DigestInit_ex(sha->context, EVP_sha256(), NULL) != 1) sha256_free(sha);
  return sha->context != NULL;
}

void sha256_add(struct sha256 *sha, const void *bytes, size_t n) {
  if (sha->context && EVP_DigestUpdate(sha->context, bytes, n) != 1) sha256_free(sha);
}

int sha256_end(struct sha256 *sha, uint8_t digest[SHA256_BYTES]) {
  unsigned size = 0;
  if (sha->context && EVP_DigestFinal_ex(sha->context, digest, &size) != 1) sha256_free(sha);
  return sha->context && size == SHA256_BYTES;
}

int sha256_of(const void *bytes, size_t n, uint8_t digest[SHA256_BYTES]) {
  struct sha256 sha = {0};
  sha256_start(&sha);
  sha256_add(&sha, bytes, n);
  int done = sha256_end(&sha, digest);
  sha256_free(&sha);
  return done;
}

void sha256_hex(const uint8_t digest[SHA256_BYTES], char hex[SHA256_HEX]) {
  for (size_t i = 0; i < SHA256_BYTES; i++) {
    hex[2 * i] = "0123456789abcdef"[digest[i] >> 4];
    hex[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
  }
  hex[SHA256_HEX - 1] = 0;
}
