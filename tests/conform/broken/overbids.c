/* SPDX-License-Identifier: MIT
 * overbids.c: bids more bits than it has looked at. */
#include "one.h"

#define ONE_PROBE overbids_probe
static int32_t overbids_probe(canon_job *job, const canon_source *source, uint32_t *bits) {
  int32_t code = one_probe(job, source, bits);
  if (*bits) *bits = 1000;
  return code;
}

#include "one_plugin.h"
