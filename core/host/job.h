/* SPDX-License-Identifier: MIT
 * job.h: what stands behind the canon_job of every call: the failure, the memory, the counts, the threads.
 * One job has one subject (the file that its failures are about). Used by host, io and job. */
#ifndef CANON_HOST_JOB_H
#define CANON_HOST_JOB_H

#include <canon/canon.h>

#include "core/base/text.h"

struct job;

/* The state that all jobs of one context share: threads, the listener, whether the user asked to stop. */
struct registry;

struct job_shared {
  const struct registry *registry; /* where parts look for formats */
  canon_listener listener;
  uint32_t threads; /* 1 or more */
  _Atomic uint32_t stopped;
};

/* subject: the file's name as the user gave it (copied), or NULL. NULL: out of memory. */
struct job *job_new(struct job_shared *shared, const char *subject);
void job_free(struct job *job); /* and all memory that was taken through it */
void job_close_parts(
    struct job *job); /* that were opened for it: the readers of files inside others; job_free does it too */
canon_job *job_public(struct job *job);
struct job *job_of(canon_job *job);
struct job *job_root(struct job *job); /* itself, or the job whose threads it is one of */
/* For a thread of another job that calls into this one's subject: with a failure of its own, and this one's memory, as
 * a thread of this one's would have. NULL: out of memory. */
struct job *job_deputy_new(struct job *root);
void job_deputy_free(struct job *deputy);

const char *job_subject_of(const struct job *job); /* what failures are about now, or NULL */
const struct registry *job_registry(const struct job *job);
/* Parts that are open for reading; closed with the job. */
void job_add_part(struct job *job, canon_part *part);
int job_parts_random(const struct job *job); /* may be read in any order and from several threads at once */
/* By +1 into a part, by -1 out of it; 0: that would be deeper than most. */
int job_deepen(struct job *job, int by, int most);
/* Bytes that alloc may hand out at one time; UINT64_MAX at first. */
void job_budget(struct job *job, uint64_t bytes);
uint64_t job_allocated(const struct job *job);

int32_t job_code(const struct job *job);
/* "FILE: what (byte N); what to do", safe for a terminal. */
const char *job_text(const struct job *job);
void job_forget_failure(struct job *job);
/* Makes the failure of `from` that of `job`. Returns its code. */
int32_t job_adopt_failure(struct job *job, const struct job *from);

#define JOB_COUNTS 64 /* names of counts that a job can hold */
uint64_t job_counts(const struct job *job, const canon_count **counts);

/* Names the plugin that is being called, for messages about its faults; returns the one before. */
const char *job_plugin(struct job *job, const char *plugin);
const char *job_plugin_called(const struct job *job); /* its id */
/* The file that the next failures are about, where it is not the job's own; NULL: its own; "": none. Returns the one
 * before. */
const char *job_about(struct job *job, const char *subject);

/* Memory of this thread's part of the job, kept from one block to the next: at least `bytes`, or NULL after a failure.
 */
#define JOB_WORKSPACES 3
void *job_workspace(struct job *job, uint32_t slot, uint64_t bytes);
uint32_t job_threads(const struct job *job);

/* After a plugin's call: its code, made CANON_E_PLUGIN where it broke a rule (a failure without a word, an unknown
 * code, a changed floating-point environment). */
int32_t job_checked(struct job *job, int32_t code);

#endif
