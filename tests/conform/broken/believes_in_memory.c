/* SPDX-License-Identifier: MIT
 * believes_in_memory.c: uses what alloc() gave without a look. */
#include "one.h"

#define ONE_BEGIN believes_begin
static int32_t believes_begin(canon_job *job, const canon_instance *instance, const canon_manifest *manifest,
                              canon_sink *sink, void **writer) {
  (void)instance, (void)manifest;
  canon_sink **kept = canon_alloc(job, sizeof *kept);
  if (kept) *kept = sink;
  *writer = kept;
  return job->host->sink_write(job, sink, 0, "ONE!\0\0\0", ONE_HEADER);
}

#include "one_plugin.h"
