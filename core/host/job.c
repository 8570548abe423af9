/* SPDX-License-Identifier: MIT
 * job.c: see job.h. The functions that plugins reach through canon_job.host: the table of them, and those that are
 * neither memory, failure nor threads. */
#include "core/host/job.h"

#include <inttypes.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/host/instance.h"
#include "core/host/job_state.h"
#include "core/host/part.h"
#include "core/host/service.h"
#include "core/io/sink.h"
#include "core/io/source.h"

struct job *job_of(canon_job *job) {
  return (struct job *)(void *)job;
}
canon_job *job_public(struct job *job) { return &job->base; }
struct job *job_root(struct job *job) {
  return job->root;
}

/* Talk */

static void host_log(canon_job *job, int32_t level, const char *text) {
  struct job *root = job_of(job)->root;
  struct text line = {0};
  if (!root->shared->listener.log) return;
  if (root->subject) text_visible(&line, root->subject, strlen(root->subject));
  if (root->subject) text_string(&line, ": ");
  text_visible(&line, text, strlen(text));
  pthread_mutex_lock(&root->lock);
  if (line.size) root->shared->listener.log(root->shared->listener.user, level, line.bytes);
  pthread_mutex_unlock(&root->lock);
  text_free(&line);
}

static void host_count(canon_job *job, const char *what, uint64_t n) {
  struct job *root = job_of(job)->root;
  if (!n) return;
  pthread_mutex_lock(&root->lock);
  uint64_t i = 0;
  while (i < root->n_counts && strcmp(root->counts[i].what, what) != 0) i++;
  if (i < JOB_COUNTS) {
    if (i == root->n_counts) root->counts[root->n_counts++] = (canon_count){what, 0};
    root->counts[i].n += n;
  }
  pthread_mutex_unlock(&root->lock);
}

uint64_t job_counts(const struct job *job, const canon_count **counts) {
  *counts = job->root->counts;
  return job->root->n_counts;
}

static int32_t stopped(struct job *job) { return canon_fail(&job->base, CANON_E_STOPPED, CANON_NONE, "stopped"); }

static int is_stopped(const struct job *job) { return atomic_load(&job->root->shared->stopped) != 0; }

static int32_t host_tick(canon_job *job, uint64_t done, uint64_t total) {
  struct job *j = job_of(job);
  const canon_listener *listener = &j->root->shared->listener;
  if (is_stopped(j)) return stopped(j);
  if (j == j->root && listener->progress && listener->progress(listener->user, done, total)) {
    atomic_store(&j->root->shared->stopped, 1);
    return stopped(j);
  }
  return CANON_OK;
}

/* Options, services, bytes */

static const canon_value *host_param(canon_job *job, const canon_instance *instance, const char *key) {
  (void)job;
  return instance_param(instance, key);
}

static const void *host_query(canon_job *job, const char *service) {
  (void)job;
  return service_find(service);
}

static uint64_t host_source_size(canon_job *job, const canon_source *source) {
  (void)job;
  return source_size(source);
}

static const char *host_source_name(canon_job *job, const canon_source *source) {
  (void)job;
  return source_name(source);
}

static uint64_t host_member_count(canon_job *job, const canon_source *source) {
  (void)job;
  return source_members(source);
}

static const char *host_member_name(canon_job *job, const canon_source *source, uint64_t i) {
  (void)job;
  return source_member_name(source, i);
}

/* The source keeps its members, so it is not the plugin's const one that changes. */
static int32_t host_member_open(canon_job *job, const canon_source *source, uint64_t i, const canon_source **member) {
  canon_source *opened = NULL;
  if (source_members(source) == CANON_NONE || i >= source_members(source))
    return canon_fail(job, CANON_E_PLUGIN, CANON_NONE, "member %" PRIu64 " was asked for, which there is not", i);
  int32_t code = source_member(job, (canon_source *)(uintptr_t)source, i, &opened);
  *member = opened;
  return code;
}

static const canon_host host_table = {
    .struct_size = sizeof(canon_host),
    .abi_major = CANON_ABI_MAJOR,
    .abi_minor = CANON_ABI_MINOR,
    .alloc = host_alloc,
    .resize = host_resize,
    .free = host_free,
    .fail = host_fail,
    .failed = host_failed,
    .log = host_log,
    .count = host_count,
    .tick = host_tick,
    .parallel = host_parallel,
    .param = host_param,
    .query = host_query,
    .source_size = host_source_size,
    .source_read = source_read,
    .source_name = host_source_name,
    .sink_write = sink_write,
    .sink_size = sink_truncate,
    .scratch = host_scratch,
    .member_count = host_member_count,
    .member_name = host_member_name,
    .member_open = host_member_open,
    .member_create = sink_member,
    .part_open = part_open,
    .part_read = part_read,
    .part_check = part_check,
    .part_begin = part_begin,
    .part_place = part_place,
    .part_end = part_end,
    .part_release = part_release,
    .part_format = part_format,
    .name_format = part_name_format,
};

/* Life */

static char *copy_text(const char *text) {
  size_t n = strlen(text);
  char *copy = mem_alloc(n + 1);
  if (copy) memcpy(copy, text, n);
  return copy;
}

struct job *job_new(struct job_shared *shared, const char *subject) {
  struct job *job = mem_alloc(sizeof *job);
  if (!job) return NULL;
  job->base = (canon_job){.struct_size = sizeof(canon_job), .host = &host_table};
  job->root = job;
  job->shared = shared;
  job->budget = UINT64_MAX;
  job->blocks.next = job->blocks.previous = &job->blocks;
  pthread_mutex_init(&job->lock, NULL);
  if (subject && !(job->subject = copy_text(subject))) {
    job_free(job);
    return NULL;
  }
  return job;
}

void job_close_parts(struct job *job) {
  canon_part *parts = job->parts;
  job->parts = NULL;
  job->parts_in_order = 0;
  parts_close(&job->base, parts);
}

void job_free(struct job *job) {
  if (!job) return;
  job_close_parts(job);
  job_free_memory(job);
  text_free(&job->text);
  job_free_workspace(job);
  pthread_mutex_destroy(&job->lock);
  mem_free(job->subject);
  mem_free(job);
}

const char *job_subject_of(const struct job *job) { return job->about ? job->about : job->root->subject; }
const struct registry *job_registry(const struct job *job) { return job->root->shared->registry; }

void job_add_part(struct job *job, canon_part *part) {
  struct job *root = job->root;
  pthread_mutex_lock(&root->lock);
  *part_next(part) = root->parts;
  root->parts = part;
  root->parts_in_order |= !part_is_random(part);
  pthread_mutex_unlock(&root->lock);
}

int job_parts_random(const struct job *job) { return !job->root->parts_in_order; }

int job_deepen(struct job *job, int by, int most) { return atomic_fetch_add(&job->root->depth, by) + by <= most; }

uint32_t job_threads(const struct job *job) { return job->root->shared->threads; }
void job_budget(struct job *job, uint64_t bytes) { job->budget = bytes; }
uint64_t job_allocated(const struct job *job) { return job->root->allocated; }
