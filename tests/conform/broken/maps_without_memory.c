/* SPDX-License-Identifier: MIT
 * maps_without_memory.c: does not look at what alloc() gave. */
#include "map.h"

#define MAP_MAP without_map
static int32_t without_map(canon_job *job, void *self, const canon_block *block) {
  canon_free(job, canon_alloc(job, 100));
  map_map(job, self, block);
  return CANON_OK;
}

#include "map_plugin.h"
