/* SPDX-License-Identifier: MIT
 * blames_the_disk.c: says that the disk failed where the file is at fault. */
#include "one.h"

#define ONE_READS_ONLY
#define ONE_OPEN blames_open
static int32_t blames_open(canon_job *job, const canon_instance *instance, const canon_source *source, void **reader) {
  uint32_t bits = 0;
  int32_t code = one_probe(job, source, &bits);
  if (!code && !bits && job->host->source_size(job, source) >= ONE_HEADER)
    return canon_fail(job, CANON_E_IO, 0, "it cannot be read");
  return code ? code : one_open(job, instance, source, reader);
}

#include "one_plugin.h"
