/* SPDX-License-Identifier: MIT
 * fuzz_zip.h: formats that are zip archives. A mutated zip seldom keeps its checksums, so each input is tried as it is
 * and once more with the checksums of its stored members set right: that is how what is inside gets its share. */
#ifndef CANON_TESTS_FUZZ_ZIP_H
#define CANON_TESTS_FUZZ_ZIP_H

#include <stdlib.h>
#include <string.h>

#include "core/base/crc32.h"
#include "tests/fuzz/fuzz.h"

static inline uint32_t fuzz_zip_get(const uint8_t *at, uint32_t bytes) {
  uint32_t value = 0;
  while (bytes--) value = value << 8 | at[bytes];
  return value;
}

static inline void fuzz_zip_put(uint8_t *at, uint32_t value) {
  for (int i = 0; i < 4; i++) at[i] = (uint8_t)(value >> 8 * i);
}

/* Central header at `central`, which has 46 bytes: finds its local header and data, and writes the CRC into both. */
static inline void fuzz_zip_repair(uint8_t *zip, size_t size, uint8_t *central) {
  uint64_t length = fuzz_zip_get(central + 20, 4), local = fuzz_zip_get(central + 42, 4);
  if (local > size || size - local < 30 || memcmp(zip + local, "PK\3\4", 4) != 0) return;
  uint64_t data = local + 30 + fuzz_zip_get(zip + local + 26, 2) + fuzz_zip_get(zip + local + 28, 2);
  if (data > size || length > size - data) return;
  uint32_t checksum = crc32_update(0, zip + data, length);
  fuzz_zip_put(central + 16, checksum);
  fuzz_zip_put(zip + local + 14, checksum);
}

static inline void fuzz_zip(const char *format, const uint8_t *bytes, size_t size) {
  fuzz_format(format, bytes, size, NULL, NULL);
  if (size < 46 || memcmp(bytes, "PK", 2) != 0) return;
  uint8_t *zip = malloc(size);
  if (!zip) return;
  memcpy(zip, bytes, size);
  for (size_t i = 0; i + 46 <= size; i++)
    if (!memcmp(zip + i, "PK\1\2", 4)) fuzz_zip_repair(zip, size, zip + i);
  if (memcmp(zip, bytes, size) != 0) fuzz_format(format, zip, size, NULL, NULL);
  free(zip);
}

#endif
