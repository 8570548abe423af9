/* SPDX-License-Identifier: MIT
 * counts_its_outputs.c: writes other bytes each time. */
#include "one.h"

#define ONE_END counts_end
static uint8_t outputs;

static int32_t counts_end(canon_job *job, void *writer, const canon_written *written, uint64_t n,
                          uint32_t written_size) {
  uint8_t serial = outputs++;
  int32_t code = job->host->sink_write(job, *(canon_sink **)writer, 7, &serial, 1);
  int32_t ended = one_end(job, writer, written, n, written_size);
  return code ? code : ended;
}

#include "one_plugin.h"
