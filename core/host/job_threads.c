/* SPDX-License-Identifier: MIT
 * job_threads.c: the threads of a job, and deputies: each has a failure of its own and the memory of the root. Of the
 * failures of several threads the one at the lowest index is the job's, whatever came first. */
#include "core/base/mem.h"
#include "core/host/job_state.h"

struct crew {
  uint64_t n;
  int32_t (*fn)(canon_job *, void *, uint64_t);
  void *ctx;
  _Atomic uint64_t next;
  _Atomic uint64_t lowest_failed;
};

struct worker {
  struct job job;
  struct crew *crew;
  uint64_t failed_at;
  pthread_t thread;
};

static void work(struct crew *crew, struct job *job, uint64_t *failed_at) {
  for (uint64_t i; (i = atomic_fetch_add(&crew->next, 1)) < crew->n;) {
    if (i > atomic_load(&crew->lowest_failed)) break;
    int32_t code = job_checked(job, crew->fn(&job->base, crew->ctx, i));
    if (!code) continue;
    *failed_at = i;
    uint64_t lowest = atomic_load(&crew->lowest_failed);
    while (i < lowest && !atomic_compare_exchange_weak(&crew->lowest_failed, &lowest, i)) continue;
    break;
  }
}

static void *worker_main(void *argument) {
  struct worker *worker = argument;
  work(worker->crew, &worker->job, &worker->failed_at);
  return NULL;
}

/* The boss works too, as the job itself: only its thread talks to the listener. */
int32_t host_parallel(canon_job *job, uint64_t n, int32_t (*fn)(canon_job *, void *, uint64_t), void *ctx) {
  struct job *j = job_of(job);
  uint64_t threads = j == j->root ? j->root->shared->threads : 1;
  if (threads > n) threads = n;
  struct crew crew = {.n = n, .fn = fn, .ctx = ctx, .lowest_failed = UINT64_MAX};
  struct worker *workers = threads > 1 ? mem_alloc((threads - 1) * sizeof *workers) : NULL;
  if (threads > 1 && !workers) return canon_fail(job, CANON_E_MEMORY, CANON_NONE, "out of memory");
  uint64_t started = 0;
  for (; started + 1 < threads; started++) {
    struct worker *w = &workers[started];
    w->crew = &crew;
    w->failed_at = UINT64_MAX;
    w->job.base = j->base;
    w->job.root = j->root;
    w->job.plugin = j->plugin;
    w->job.about = j->about;
    if (pthread_create(&w->thread, NULL, worker_main, w)) break; /* fewer threads do the same work */
  }
  uint64_t failed_at = UINT64_MAX;
  work(&crew, j, &failed_at);
  struct job *culprit = NULL;
  for (uint64_t i = 0; i < started; i++) pthread_join(workers[i].thread, NULL);
  for (uint64_t i = 0; i < started; i++) {
    if (workers[i].job.code && workers[i].failed_at < failed_at) {
      failed_at = workers[i].failed_at;
      culprit = &workers[i].job;
    }
  }
  if (culprit) {
    job_forget_failure(j);
    job_adopt_failure(j, culprit);
  }
  for (uint64_t i = 0; i < started; i++) {
    text_free(&workers[i].job.text);
    job_free_workspace(&workers[i].job);
  }
  mem_free(workers);
  return j->code;
}

struct job *job_deputy_new(struct job *root) {
  struct job *deputy = mem_alloc(sizeof *deputy);
  if (!deputy) return NULL;
  deputy->base = root->base;
  deputy->root = root->root;
  deputy->plugin = root->plugin;
  return deputy;
}

void job_deputy_free(struct job *deputy) {
  text_free(&deputy->text);
  job_free_workspace(deputy);
  mem_free(deputy);
}
