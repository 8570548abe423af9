/* SPDX-License-Identifier: MIT
 * reads_behind_a_block.c: reads what lies behind what it allocated. */
#include "one.h"

#define ONE_BEGIN behind_begin
static int32_t behind_begin(canon_job *job, const canon_instance *instance, const canon_manifest *manifest,
                            canon_sink *sink, void **writer) {
  const volatile uint8_t *table = canon_alloc(job, 64);
  if (!table) return canon_failed(job);
  uint8_t next = table[64];
  canon_free(job, (void *)(uintptr_t)table);
  return next ? CANON_OK : one_begin(job, instance, manifest, sink, writer);
}

#include "one_plugin.h"
