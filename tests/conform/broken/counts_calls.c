/* SPDX-License-Identifier: MIT
 * counts_calls.c: counts how often it was called, not what it did. */
#include "map.h"

#define MAP_MAP counts_map
static int32_t counts_map(canon_job *job, void *self, const canon_block *block) {
  job->host->count(job, "blocks flipped", 1);
  return map_map(job, self, block);
}

#include "map_plugin.h"
