/* SPDX-License-Identifier: MIT
 * prints.c: prints to standard output. */
#include "one.h"

#define ONE_OPEN prints_open
static int32_t prints_open(canon_job *job, const canon_instance *instance, const canon_source *source, void **reader) {
  puts("opening");
  return one_open(job, instance, source, reader);
}

#include "one_plugin.h"
