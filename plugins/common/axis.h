/* SPDX-License-Identifier: MIT
 * axis.h: how a transform with --axis N cuts a tensor. Used by normalize and reduce. */
#ifndef CANON_PLUGINS_AXIS_H
#define CANON_PLUGINS_AXIS_H

#include <canon/transform.h>
#include <inttypes.h>

/* Which axis `asked` is, from the end if negative; sets plan->axis and plan->inner. advice: for a tensor of rank 0. */
static inline int32_t axis_plan(canon_job *job, const char *name, const char *advice, int64_t asked,
                                const canon_tensor *in, canon_plan *plan, uint32_t *axis) {
  int64_t rank = (int64_t)in->rank, found = asked < 0 ? asked + rank : asked;
  if (rank == 0)
    return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE, "%s needs an axis, and a tensor of rank 0 has none; %s",
                      name, advice);
  if (found < 0 || found >= rank)
    return canon_fail(job, CANON_E_USAGE, CANON_NONE,
                      "--axis %" PRId64 ": this tensor has rank %" PRId64 "; take one from %" PRId64 " to %" PRId64,
                      asked, rank, -rank, rank - 1);
  *axis = (uint32_t)found;
  plan->axis = in->shape[found];
  if (canon_elements(in->shape + found + 1, in->rank - *axis - 1, &plan->inner)) return CANON_OK;
  return canon_fail(job, CANON_E_LIMIT, CANON_NONE, "more than 2^64 elements; no machine holds them");
}

#endif
