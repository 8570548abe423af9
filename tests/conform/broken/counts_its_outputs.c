/* SPDX-License-Identifier: MIT
 * counts_its_outputs.c: writes other bytes each time. */
#include "one.h"

#define ONE_END counts_end
static uint8_t outputs;

static int32_t counts_end(canon_job *job, void *writer, const canon_written *written, uint64_t n,
                          uint32_t written_size) {
  (void)written, (void)n, (void)written_size;
  uint8_t serial = outputs++;
  return job->host->sink_write(job, *(canon_sink **)writer, 7, &serial, 1);
}

#include "one_plugin.h"
