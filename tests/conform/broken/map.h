/* SPDX-License-Identifier: MIT
 * map.h: a transform in order, --flip bits, for others to spoil: as one.h, with map_plugin.h. */
#ifndef MAP_H
#define MAP_H

#include <canon/transform.h>
#include <string.h>

static inline int32_t map_open(canon_job *job, const canon_instance *instance, const char *variant, void **self) {
  (void)instance;
  if (strcmp(variant, "bits") != 0)
    return canon_fail(job, CANON_E_USAGE, CANON_NONE, "--flip takes bits, not '%s'", variant);
  *self = canon_alloc(job, 8);
  return *self ? CANON_OK : canon_failed(job);
}

static inline int32_t map_plan(canon_job *job, void *self, const canon_tensor *in, canon_plan *plan) {
  (void)self;
  if (in->dtype != CANON_U8) return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE, "it is not u8; --exclude it");
  plan->guarantee = CANON_EXACT;
  return CANON_OK;
}

static inline int32_t map_map(canon_job *job, void *self, const canon_block *block) {
  const uint8_t *in = (const uint8_t *)block->in;
  uint8_t *out = (uint8_t *)block->out;
  (void)job, (void)self;
  for (uint64_t i = 0; i < block->outer * block->axis * block->inner; i++) out[i] = (uint8_t)~in[i];
  return CANON_OK;
}

#endif
