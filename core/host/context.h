/* SPDX-License-Identifier: MIT
 * context.h: what stands behind canon_context. */
#ifndef CANON_HOST_CONTEXT_H
#define CANON_HOST_CONTEXT_H

#include "core/host/job.h"
#include "core/host/registry.h"

struct canon_context {
  struct job_shared shared;
  struct registry registry;
  int loaded;
  uint64_t limit_expand;
  canon_error error;
  struct text error_text;
  canon_report report;
  canon_count counts[JOB_COUNTS];
};

/* Makes the job's failure the context's. Returns its code. */
int32_t context_take_failure(canon_context *context, const struct job *job);
int32_t context_out_of_memory(canon_context *context);
/* The job's counts become the report's. */
void context_keep_counts(canon_context *context, const struct job *job);
void context_begin(canon_context *context); /* a new call: the old failure is gone */

#endif
