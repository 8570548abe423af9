/* SPDX-License-Identifier: MIT
 * writes_over_its_data.c: places a tensor, and then writes its header over it. */
#include "one.h"

#define ONE_END over_end
static int32_t over_end(canon_job *job, void *writer, const canon_written *written, uint64_t n, uint32_t written_size) {
  (void)written, (void)n, (void)written_size;
  return job->host->sink_write(job, *(canon_sink **)writer, 0, "ONE!\0\0\0", ONE_HEADER + 1);
}

#include "one_plugin.h"
