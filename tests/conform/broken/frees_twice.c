/* SPDX-License-Identifier: MIT
 * frees_twice.c: frees a block twice. */
#include "one.h"

#define ONE_END twice_end
static int32_t twice_end(canon_job *job, void *writer, const canon_written *written, uint64_t n,
                         uint32_t written_size) {
  canon_free(job, writer);
  return one_end(job, writer, written, n, written_size);
}

#include "one_plugin.h"
