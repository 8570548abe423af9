/* SPDX-License-Identifier: MIT
 * job.c: see job.h. The functions that plugins reach through canon_job.host. */
#include "core/host/job.h"

#include <fenv.h>
#include <float.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/host/instance.h"
#include "core/host/part.h"
#include "core/host/service.h"
#include "core/io/sink.h"
#include "core/io/source.h"

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
  int reported_offset;
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

struct job *job_of(canon_job *job) {
  return (struct job *)(void *)job;
}
canon_job *job_public(struct job *job) { return &job->base; }
struct job *job_root(struct job *job) {
  return job->root;
}

static char *copy_text(const char *text) {
  size_t n = strlen(text);
  char *copy = mem_alloc(n + 1);
  if (copy) memcpy(copy, text, n);
  return copy;
}

/* Memory */

static void *host_alloc(canon_job *job, uint64_t bytes) {
  struct job *root = job_of(job)->root;
  pthread_mutex_lock(&root->lock);
  int fits = bytes <= root->budget && root->allocated <= root->budget - bytes;
  if (fits) root->allocated += bytes;
  pthread_mutex_unlock(&root->lock);
  if (!fits) {
    canon_fail(job, CANON_E_LIMIT, CANON_NONE,
               "reading it would take more than %" PRIu64 " MiB of memory, out of proportion to its size",
               root->budget >> 20);
    return NULL;
  }
  struct block *block = bytes < PTRDIFF_MAX - sizeof *block ? mem_alloc(sizeof *block + bytes) : NULL;
  pthread_mutex_lock(&root->lock);
  if (block) {
    block->bytes = bytes;
    block->next = root->blocks.next;
    block->previous = &root->blocks;
    block->next->previous = block;
    root->blocks.next = block;
  } else {
    root->allocated -= bytes;
  }
  pthread_mutex_unlock(&root->lock);
  if (block) return block + 1;
  canon_fail(job, CANON_E_MEMORY, CANON_NONE, "out of memory (%" PRIu64 " bytes)", bytes);
  return NULL;
}

static void host_free(canon_job *job, void *memory) {
  struct job *root = job_of(job)->root;
  if (!memory) return;
  struct block *block = (struct block *)memory - 1;
  pthread_mutex_lock(&root->lock);
  block->next->previous = block->previous;
  block->previous->next = block->next;
  root->allocated -= block->bytes;
  pthread_mutex_unlock(&root->lock);
  mem_free(block);
}

static void *host_resize(canon_job *job, void *memory, uint64_t bytes) {
  void *grown = host_alloc(job, bytes);
  if (!grown || !memory) return grown;
  uint64_t old = ((struct block *)memory - 1)->bytes;
  memcpy(grown, memory, old < bytes ? old : bytes);
  host_free(job, memory);
  return grown;
}

/* Failure */

/* What to do where the plugin did not say. */
static const char *usual_advice(int32_t code) {
  switch (code) {
    case CANON_E_MALFORMED: return "; the file contradicts itself: get it again, or write it again";
    case CANON_E_UNSAFE: return "; canon executes nothing: ask for a file of plain tensors";
    case CANON_E_LIMIT: return "; no usual file needs so much: if this one does, write it in parts";
    default: return NULL;
  }
}

/* "what; what to do" with the byte between, and the subject in front. */
static void describe(struct job *job, int32_t code, uint64_t offset, const char *text) {
  const char *advice = NULL;
  for (const char *at = text; (at = strstr(at, "; ")); at++) advice = at;
  struct text *out = &job->text;
  text_cut(out, 0);
  const char *subject = job_subject_of(job);
  if (subject && *subject) {
    text_visible(out, subject, strlen(subject));
    text_string(out, ": ");
  }
  text_visible(out, text, advice ? (size_t)(advice - text) : strlen(text));
  if (offset != CANON_NONE) text_printf(out, " (byte %" PRIu64 ")", offset);
  if (advice || (advice = usual_advice(code))) text_visible(out, advice, strlen(advice));
}

static int32_t host_fail(canon_job *job, int32_t code, uint64_t offset, const char *text) {
  struct job *j = job_of(job);
  if (j->code) return j->code;
  j->code = code ? code : CANON_E_PLUGIN;
  describe(j, j->code, offset, text ? text : "failed");
  return j->code;
}

static int32_t host_failed(canon_job *job) {
  struct job *j = job_of(job);
  return j->code ? j->code : j->root->code;
}

int32_t job_code(const struct job *job) { return job->code; }
const char *job_text(const struct job *job) { return job->text.size ? job->text.bytes : "out of memory"; }

void job_forget_failure(struct job *job) {
  job->code = CANON_OK;
  text_cut(&job->text, 0);
}

int32_t job_adopt_failure(struct job *job, const struct job *from) {
  if (from->code && !job->code) {
    job->code = from->code;
    text_cut(&job->text, 0);
    text_add(&job->text, from->text.bytes, from->text.size);
  }
  return job->code;
}

const char *job_plugin(struct job *job, const char *plugin) {
  const char *before = job->plugin;
  job->plugin = plugin;
  return before;
}

const char *job_plugin_called(const struct job *job) { return job->plugin ? job->plugin : "a plugin"; }

const char *job_about(struct job *job, const char *subject) {
  const char *before = job->about;
  job->about = subject;
  return before;
}

void *job_workspace(struct job *job, uint32_t slot, uint64_t bytes) {
  if (bytes == 0) bytes = 1;
  if (job->workspace_bytes[slot] >= bytes) return job->workspace[slot];
  mem_free(job->workspace[slot]);
  job->workspace[slot] = mem_alloc(bytes);
  job->workspace_bytes[slot] = job->workspace[slot] ? bytes : 0;
  if (!job->workspace[slot])
    canon_fail(&job->base, CANON_E_MEMORY, CANON_NONE, "out of memory (%" PRIu64 " bytes)", bytes);
  return job->workspace[slot];
}

static void free_workspace(struct job *job) {
  for (int i = 0; i < JOB_WORKSPACES; i++) mem_free(job->workspace[i]);
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
  free_workspace(deputy);
  mem_free(deputy);
}

static int known_code(int32_t code) {
  return (code <= CANON_E_USAGE && code >= CANON_E_PLUGIN) || (code <= CANON_E_MALFORMED && code >= CANON_E_LIMIT);
}

/* Rounds to nearest, and a subnormal number is not 0. */
static int environment_is_default(void) {
  volatile double least = DBL_MIN;
  return fegetround() == FE_TONEAREST && least / 2 != 0;
}

int32_t job_checked(struct job *job, int32_t code) {
  canon_job *j = &job->base;
  const char *plugin = job_plugin_called(job);
  if (!environment_is_default()) {
    fesetenv(FE_DFL_ENV);
    job_forget_failure(job);
    return canon_fail(j, CANON_E_PLUGIN, CANON_NONE,
                      "plugin %s changed the floating-point environment; report it to its author", plugin);
  }
  if (!code && !job->code) return CANON_OK;
  if (job->code) return job->code; /* also a plugin that failed and then forgot about it */
  if (!known_code(code))
    return canon_fail(j, CANON_E_PLUGIN, CANON_NONE,
                      "plugin %s returned %d, which is no status; report it to its author", plugin, (int)code);
  return canon_fail(j, CANON_E_PLUGIN, CANON_NONE, "plugin %s failed (%d) without saying why; report it to its author",
                    plugin, (int)code);
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

/* Threads */

struct crew {
  struct job *boss;
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
static int32_t host_parallel(canon_job *job, uint64_t n, int32_t (*fn)(canon_job *, void *, uint64_t), void *ctx) {
  struct job *j = job_of(job);
  uint64_t threads = j == j->root ? j->root->shared->threads : 1;
  if (threads > n) threads = n;
  struct crew crew = {.boss = j, .n = n, .fn = fn, .ctx = ctx, .lowest_failed = UINT64_MAX};
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
    free_workspace(&workers[i].job);
  }
  mem_free(workers);
  return j->code;
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

static int32_t host_scratch(canon_job *job, canon_sink **sink, canon_source **source) {
  struct job *root = job_of(job)->root;
  canon_sink *s = NULL;
  canon_source *reading = NULL;
  int32_t code = sink_scratch(job, &s);
  if (!code) code = source_from_descriptor(job, "a temporary file", sink_descriptor(s), &reading);
  if (!code) {
    pthread_mutex_lock(&root->lock);
    void *list = root->scratch;
    int room = mem_reserve(&list, sizeof *root->scratch, &root->scratch_capacity, root->n_scratch + 1);
    root->scratch = list;
    if (room) root->scratch[root->n_scratch++] = (struct scratch){s, reading};
    pthread_mutex_unlock(&root->lock);
    if (!room) code = canon_fail(job, CANON_E_MEMORY, CANON_NONE, "out of memory");
  }
  if (code) {
    source_close(reading);
    sink_close(s);
    return code;
  }
  *sink = s;
  *source = reading;
  return CANON_OK;
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
  for (struct block *block = job->blocks.next; block != &job->blocks;) {
    struct block *next = block->next;
    mem_free(block);
    block = next;
  }
  for (size_t i = 0; i < job->n_scratch; i++) {
    source_close(job->scratch[i].source);
    sink_close(job->scratch[i].sink);
  }
  mem_free(job->scratch);
  text_free(&job->text);
  free_workspace(job);
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
