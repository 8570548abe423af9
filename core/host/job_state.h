/* SPDX-License-Identifier: MIT
 * job_state.h: what a job is made of, for job.c and the files that it is cut into: job_memory.c, job_failure.c,
 * job_threads.c. Nobody else looks inside. */
#ifndef CANON_HOST_JOB_STATE_H
#define CANON_HOST_JOB_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "core/host/job.h"

/* Stands before each block that a plugin was given; the pad keeps the block aligned to 64. */
struct block {
  struct block *next, *previous;
  uint64_t bytes;
  uint8_t pad[64 - 2 * sizeof(void *) - sizeof(uint64_t)];
};

struct scratch {
  canon_sink *sink;
  canon_source *source;
};

struct job {
  canon_job base;
  struct job *root; /* itself, or the job whose parallel() this one works for */
  int32_t code;
  struct text text;
  const char *plugin;
  const char *about; /* borrowed; the subject for now, NULL: the root's */
  void *workspace[JOB_WORKSPACES];
  uint64_t workspace_bytes[JOB_WORKSPACES];
  /* only the root's */
  struct job_shared *shared;
  char *subject;
  pthread_mutex_t lock;
  struct block blocks; /* a ring */
  uint64_t allocated, budget;
  canon_count counts[JOB_COUNTS];
  uint64_t n_counts;
  struct scratch *scratch;
  size_t n_scratch, scratch_capacity;
  canon_part *parts;
  int parts_in_order; /* one of them was opened that may not be read at random */
  _Atomic int depth;  /* of parts inside parts */
};

/* Of canon_job.host. */
void *host_alloc(canon_job *job, uint64_t bytes);
void *host_resize(canon_job *job, void *memory, uint64_t bytes);
void host_free(canon_job *job, void *memory);
int32_t host_scratch(canon_job *job, canon_sink **sink, canon_source **source);
int32_t host_fail(canon_job *job, int32_t code, uint64_t offset, const char *text);
int32_t host_failed(canon_job *job);
int32_t host_parallel(canon_job *job, uint64_t n, int32_t (*fn)(canon_job *, void *, uint64_t), void *ctx);

/* Every block that a plugin did not give back, and the scratch files. */
void job_free_memory(struct job *root);
void job_free_workspace(struct job *job);

#endif
