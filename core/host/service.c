/* SPDX-License-Identifier: MIT
 * service.c: see service.h. */
#include "core/host/service.h"

#include <string.h>

#include "core/numerics/numerics.h"

const void *service_find(const char *id) {
  if (strcmp(id, CANON_NUMERICS_SERVICE) == 0) return numerics_service();
  return 0;
}
