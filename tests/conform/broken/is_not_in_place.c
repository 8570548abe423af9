/* SPDX-License-Identifier: MIT
 * is_not_in_place.c: reads what it has overwritten, and says that it may be called in place. */
#include "map.h"

#define MAP_MAP place_map
#define MAP_FLAGS CANON_TRANSFORM_IN_PLACE
static int32_t place_map(canon_job *job, void *self, const canon_block *block) {
  const uint8_t *in = block->in;
  uint8_t *out = block->out;
  (void)job, (void)self;
  for (uint64_t i = 0; i < block->outer * block->axis * block->inner; i++) {
    out[i] = 0;
    out[i] = (uint8_t)~in[i];
  }
  return CANON_OK;
}

#include "map_plugin.h"
