/* SPDX-License-Identifier: MIT
 * fills_its_plan.c: puts something into a reserved member of a plan. */
#include "map.h"

#define MAP_PLAN filling_plan
static int32_t filling_plan(canon_job *job, void *self, const canon_tensor *in, canon_plan *plan) {
  plan->reserved = 1;
  return map_plan(job, self, in, plan);
}

#include "map_plugin.h"
