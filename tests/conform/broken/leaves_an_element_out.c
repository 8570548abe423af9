/* SPDX-License-Identifier: MIT
 * leaves_an_element_out.c: does not write the last element. */
#include "one.h"

#define ONE_READS_ONLY
#define ONE_READ leaves_read
static int32_t leaves_read(canon_job *job, void *reader, uint64_t node, uint64_t first, uint64_t count, void *dst) {
  return one_read(job, reader, node, first, count > 1 ? count - 1 : count, dst);
}

#include "one_plugin.h"
