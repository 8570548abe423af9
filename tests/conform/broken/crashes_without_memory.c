/* SPDX-License-Identifier: MIT
 * crashes_without_memory.c: uses what alloc() gave without a look. */
#include "one.h"

#define ONE_READS_ONLY
#define ONE_OPEN crashes_open
static int32_t crashes_open(canon_job *job, const canon_instance *instance, const canon_source *source, void **reader) {
  char *block = canon_alloc(job, 100);
  *(volatile char *)block = 1;
  canon_free(job, block);
  return one_open(job, instance, source, reader);
}

#include "one_plugin.h"
