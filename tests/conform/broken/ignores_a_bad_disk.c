/* SPDX-License-Identifier: MIT
 * ignores_a_bad_disk.c: gives elements although the source could not be read. */
#include "one.h"

#define ONE_READS_ONLY
#define ONE_READ bad_read
static int32_t bad_read(canon_job *job, void *reader, uint64_t node, uint64_t first, uint64_t count, void *dst) {
  memset(dst, 0, count);
  one_read(job, reader, node, first, count, dst);
  return CANON_OK;
}

#include "one_plugin.h"
