/* SPDX-License-Identifier: MIT
 * plans_by_chance.c: plans otherwise each time. */
#include "map.h"

#define MAP_PLAN chance_plan
static uint32_t planned;

static int32_t chance_plan(canon_job *job, void *self, const canon_tensor *in, canon_plan *plan) {
  plan->out.dtype = planned++ % 2 ? CANON_U8 : CANON_I8;
  if (in->dtype != CANON_U8) plan->out.dtype = in->dtype;
  return map_plan(job, self, in, plan);
}

#include "map_plugin.h"
