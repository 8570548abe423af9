/* SPDX-License-Identifier: MIT
 * changes_its_input.c: writes into its input. */
#include "map.h"

#define MAP_MAP changes_map
static int32_t changes_map(canon_job *job, void *self, const canon_block *block) {
  *(uint8_t *)(uintptr_t)block->in = 0;
  return map_map(job, self, block);
}

#include "map_plugin.h"
