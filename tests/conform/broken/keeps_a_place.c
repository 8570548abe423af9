/* SPDX-License-Identifier: MIT
 * keeps_a_place.c: says that it reads in any order, and keeps a place. */
#include "one.h"

#define ONE_READS_ONLY
#define ONE_READ place_read
static int32_t place_read(canon_job *job, void *reader, uint64_t node, uint64_t first, uint64_t count, void *dst) {
  struct one *one = reader;
  if (!first) one->tensor.offset = ONE_HEADER;
  int32_t code = job->host->source_read(job, one->source, one->tensor.offset, dst, count);
  (void)node;
  one->tensor.offset += count;
  if (one->tensor.offset >= ONE_HEADER + one->n) one->tensor.offset = ONE_HEADER;
  return code;
}

#include "one_plugin.h"
