/* SPDX-License-Identifier: MIT
 * gives_more_than_asked.c: writes more elements than it was asked for. */
#include "one.h"

#define ONE_READS_ONLY
#define ONE_READ more_read
static int32_t more_read(canon_job *job, void *reader, uint64_t node, uint64_t first, uint64_t count, void *dst) {
  memset(dst, 0, count + 64);
  return one_read(job, reader, node, first, count, dst);
}

#include "one_plugin.h"
