/* SPDX-License-Identifier: MIT
 * fuzz_pt.c: the .pt reader. A mutated zip seldom keeps its checksums, so each input is tried as it is and once more
 * with the checksums of its stored members set right: that is how the pickle inside gets its share. */
#include <stdlib.h>
#include <string.h>

#include "core/base/crc32.h"
#include "tests/fuzz/fuzz.h"

static uint32_t get(const uint8_t *at, uint32_t bytes) {
  uint32_t value = 0;
  while (bytes--) value = value << 8 | at[bytes];
  return value;
}

static void put_checksum(uint8_t *at, uint32_t value) {
  for (int i = 0; i < 4; i++) at[i] = (uint8_t)(value >> 8 * i);
}

/* Central header at `central`, which has 46 bytes: finds its local header and data, and writes the CRC into both. */
static void repair(uint8_t *zip, size_t size, uint8_t *central) {
  uint64_t length = get(central + 20, 4), local = get(central + 42, 4);
  if (local > size || size - local < 30 || memcmp(zip + local, "PK\3\4", 4) != 0) return;
  uint64_t data = local + 30 + get(zip + local + 26, 2) + get(zip + local + 28, 2);
  if (data > size || length > size - data) return;
  uint32_t checksum = crc32_update(0, zip + data, length);
  put_checksum(central + 16, checksum);
  put_checksum(zip + local + 14, checksum);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  fuzz_format("pt", bytes, size, NULL, NULL);
  if (size < 46 || memcmp(bytes, "PK", 2) != 0) return 0;
  uint8_t *zip = malloc(size);
  if (!zip) return 0;
  memcpy(zip, bytes, size);
  for (size_t i = 0; i + 46 <= size; i++)
    if (!memcmp(zip + i, "PK\1\2", 4)) repair(zip, size, zip + i);
  if (memcmp(zip, bytes, size) != 0) fuzz_format("pt", zip, size, NULL, NULL);
  free(zip);
  return 0;
}
