/* SPDX-License-Identifier: MIT
 * probes_too_much.c: reads more than a probe may. */
#include "one.h"

#define ONE_PROBE probes_probe
static int32_t probes_probe(canon_job *job, const canon_source *source, uint32_t *bits) {
  int32_t code = one_probe(job, source, bits);
  for (int i = 0; !code && *bits && i < 20000; i++) code = one_probe(job, source, bits);
  return code;
}

#include "one_plugin.h"
