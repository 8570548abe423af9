/* SPDX-License-Identifier: MIT
 * rounds_up.c: changes the floating-point environment. */
#include "one.h"

#include <fenv.h>

#define ONE_BEGIN rounds_begin
static int32_t rounds_begin(canon_job *job, const canon_instance *instance, const canon_manifest *manifest,
                            canon_sink *sink, void **writer) {
  fesetround(FE_UPWARD);
  return one_begin(job, instance, manifest, sink, writer);
}

#include "one_plugin.h"
