/* SPDX-License-Identifier: MIT
 * ignores_a_full_disk.c: goes on when the sink has failed. */
#include "one.h"

#define ONE_BEGIN full_begin
static int32_t full_begin(canon_job *job, const canon_instance *instance, const canon_manifest *manifest,
                          canon_sink *sink, void **writer) {
  one_begin(job, instance, manifest, sink, writer);
  return *writer ? CANON_OK : canon_failed(job);
}

#include "one_plugin.h"
