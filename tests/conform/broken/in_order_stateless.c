/* SPDX-License-Identifier: MIT
 * in_order_stateless.c: nothing is wrong with it: its writer has nothing to remember, and leaves *writer NULL. */
#include "one.h"

#define ONE_BEGIN stateless_begin
static int32_t stateless_begin(canon_job *job, const canon_instance *instance, const canon_manifest *manifest,
                               canon_sink *sink, void **writer) {
  (void)instance, (void)manifest, (void)writer;
  return job->host->sink_write(job, sink, 0, "ONE!\0\0\0", ONE_HEADER);
}

#define ONE_END stateless_end
static int32_t stateless_end(canon_job *job, void *writer, const canon_written *written, uint64_t n_written,
                             uint32_t written_size) {
  (void)written, (void)n_written, (void)written_size;
  return writer ? canon_fail(job, CANON_E_PLUGIN, CANON_NONE, "a writer came from nowhere") : CANON_OK;
}

#define ONE_RELEASE stateless_release
static void stateless_release(canon_job *job, void *writer) {
  (void)job;
  *(volatile char *)writer = 0; /* is never called, or else dies of NULL */
}

#include "one_plugin.h"
