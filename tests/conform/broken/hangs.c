/* SPDX-License-Identifier: MIT
 * hangs.c: never comes back. */
#include "one.h"

#define ONE_BEGIN hangs_begin
static int32_t hangs_begin(canon_job *job, const canon_instance *instance, const canon_manifest *manifest,
                           canon_sink *sink, void **writer) {
  for (volatile int forever = 1; forever;) continue;
  return one_begin(job, instance, manifest, sink, writer);
}

#include "one_plugin.h"
