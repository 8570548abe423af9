/* SPDX-License-Identifier: MIT
 * writes_behind_a_block.c: writes a byte behind what it allocated. */
#include "one.h"

#define ONE_BEGIN behind_begin
static int32_t behind_begin(canon_job *job, const canon_instance *instance, const canon_manifest *manifest,
                            canon_sink *sink, void **writer) {
  int32_t code = one_begin(job, instance, manifest, sink, writer);
  if (!code) ((char *)*writer)[sizeof(canon_sink *)] = 1;
  return code;
}

#include "one_plugin.h"
