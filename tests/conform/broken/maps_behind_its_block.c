/* SPDX-License-Identifier: MIT
 * maps_behind_its_block.c: writes behind its result. */
#include "map.h"

#define MAP_MAP behind_map
static int32_t behind_map(canon_job *job, void *self, const canon_block *block) {
  ((volatile uint8_t *)block->out)[block->outer * block->axis * block->inner] = 0;
  return map_map(job, self, block);
}

#include "map_plugin.h"
