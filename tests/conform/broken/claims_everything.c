/* SPDX-License-Identifier: MIT
 * claims_everything.c: claims whatever it is shown. */
#include "one.h"

#define ONE_PROBE claims_probe
static int32_t claims_probe(canon_job *job, const canon_source *source, uint32_t *bits) {
  char head;
  *bits = job->host->source_size(job, source) > 0 ? 32 : 0;
  return *bits ? job->host->source_read(job, source, 0, &head, 1) : CANON_OK;
}

#include "one_plugin.h"
