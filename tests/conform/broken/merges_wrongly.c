/* SPDX-License-Identifier: MIT
 * merges_wrongly.c: forgets a part when states are merged. */
#include "map.h"

#define MAP_REDUCES
#define MAP_PLAN sum_plan
static int32_t sum_plan(canon_job *job, void *self, const canon_tensor *in, canon_plan *plan) {
  uint64_t n = 0;
  int32_t code = map_plan(job, self, in, plan);
  canon_elements(in->shape, in->rank, &n);
  plan->out.rank = 0;
  plan->axis = n;
  plan->state_bytes = 8;
  plan->mergeable = 1;
  return code;
}

static int32_t map_begin(canon_job *job, void *self, const canon_cut *whole, void *states, uint64_t n) {
  (void)job, (void)self, (void)whole;
  memset(states, 0, n * 8);
  return CANON_OK;
}

static int32_t map_add(canon_job *job, void *self, void *states, const canon_block *block) {
  (void)job, (void)self;
  for (uint64_t i = 0; i < block->axis; i++) *(uint64_t *)states += ((const uint8_t *)block->in)[i];
  return CANON_OK;
}

static int32_t map_merge(canon_job *job, void *self, const canon_cut *whole, void *into, const void *from, uint64_t n) {
  (void)job, (void)self, (void)whole, (void)n;
  *(uint64_t *)into = *(const uint64_t *)from;
  return CANON_OK;
}

static int32_t map_finish(canon_job *job, void *self, const void *states, const canon_block *result) {
  (void)job, (void)self;
  *(uint8_t *)result->out = (uint8_t) * (const uint64_t *)states;
  return CANON_OK;
}

#include "map_plugin.h"
