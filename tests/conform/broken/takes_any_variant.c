/* SPDX-License-Identifier: MIT
 * takes_any_variant.c: takes variants that there are not. */
#include "map.h"

#define MAP_OPEN any_open
static int32_t any_open(canon_job *job, const canon_instance *instance, const char *variant, void **self) {
  (void)variant;
  return map_open(job, instance, "bits", self);
}

#include "map_plugin.h"
