/* SPDX-License-Identifier: MIT
 * uses_freed_memory.c: uses a block after it freed it. */
#include "one.h"

#define ONE_END freed_end
static int32_t freed_end(canon_job *job, void *writer, const canon_written *written, uint64_t n,
                         uint32_t written_size) {
  one_end(job, writer, written, n, written_size);
  *(volatile char *)writer = 0;
  return CANON_OK;
}

#include "one_plugin.h"
