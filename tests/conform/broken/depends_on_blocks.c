/* SPDX-License-Identifier: MIT
 * depends_on_blocks.c: begins anew in each block. */
#include "map.h"

#define MAP_MAP depends_map
static int32_t depends_map(canon_job *job, void *self, const canon_block *block) {
  map_map(job, self, block);
  *(uint8_t *)block->out ^= 1;
  return CANON_OK;
}

#include "map_plugin.h"
