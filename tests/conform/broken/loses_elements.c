/* SPDX-License-Identifier: MIT
 * loses_elements.c: maps to a tensor of fewer elements. */
#include "map.h"

#define MAP_PLAN loses_plan
static int32_t loses_plan(canon_job *job, void *self, const canon_tensor *in, canon_plan *plan) {
  plan->out.rank = 0;
  return map_plan(job, self, in, plan);
}

#include "map_plugin.h"
