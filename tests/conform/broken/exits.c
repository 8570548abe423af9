/* SPDX-License-Identifier: MIT
 * exits.c: ends the process where it should fail. */
#include "one.h"

#include <stdlib.h>

#define ONE_OPEN exits_open
static int32_t exits_open(canon_job *job, const canon_instance *instance, const canon_source *source, void **reader) {
  if (job->host->source_size(job, source) < ONE_HEADER) exit(3);
  return one_open(job, instance, source, reader);
}

#include "one_plugin.h"
