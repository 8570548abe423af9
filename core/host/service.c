/* SPDX-License-Identifier: MIT
 * service.c: see service.h. */
#include "core/host/service.h"

#include <string.h>

#include <canon/crc32.h>

#include "core/base/crc32.h"
#include "core/base/crc32_fold.h"
#include "core/numerics/numerics.h"

static uint32_t update(uint32_t crc, const void *bytes, uint64_t n) { return crc32_update(crc, bytes, n); }

static const canon_crc32 crc32_service = {.struct_size = sizeof(canon_crc32), .update = update, .join = crc32_join};

const void *service_find(const char *id) {
  if (strcmp(id, CANON_NUMERICS_SERVICE) == 0) return numerics_service();
  if (strcmp(id, CANON_CRC32_SERVICE) == 0 && crc32_kernel(0)) return &crc32_service;
  return 0;
}
