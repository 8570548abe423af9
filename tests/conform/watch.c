/* SPDX-License-Identifier: MIT
 * watch.c: the real host's functions with a look at what they are given, memory with fences, and failures at will. */
#include <fenv.h>
#include <float.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "core/host/job.h"
#include "tests/conform/conform.h"

/* What the blocks of one job come to, and which they are. */
struct held {
  struct held *next;
  canon_job *job;
  void **blocks;
  uint64_t n, capacity, bytes, limit;
};

static canon_host watching; /* the real table with our functions in front of some */
static const canon_host *real;
static struct job_shared job_shared;
static struct held *all_held;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t next_limit;

static _Thread_local canon_job *boss; /* inside parallel(): whose job this thread works for */

static enum hook failing;
static _Atomic uint64_t countdown;
static _Atomic int has_failed;
static _Atomic uint64_t bytes_read;

void watch_fail(enum hook hook, uint64_t n) {
  failing = hook;
  atomic_store(&countdown, n);
  atomic_store(&has_failed, 0);
}

int watch_failed(void) { return atomic_load(&has_failed); }

const char *watch_hook_name(enum hook hook) {
  static const char *const names[] = {[HOOK_ALLOC] = "alloc",
                                      [HOOK_READ] = "source_read",
                                      [HOOK_WRITE] = "sink_write",
                                      [HOOK_TICK] = "tick",
                                      [HOOK_SCRATCH] = "scratch"};
  return names[hook];
}

static int must_fail(enum hook hook) {
  if (hook != failing || atomic_load(&countdown) == 0) return 0;
  int now = atomic_fetch_sub(&countdown, 1) == 1;
  if (now) atomic_store(&has_failed, 1);
  return now;
}

/* ---- memory ---- */

static struct held *held_of(canon_job *job) {
  for (struct held *held = all_held; held; held = held->next)
    if (held->job == (boss ? boss : job)) return held;
  broken("a job was used after it ended");
}

static int keep(struct held *held, void *memory, uint64_t bytes) {
  if (held->n == held->capacity) {
    uint64_t capacity = held->capacity * 2 + 64;
    void **blocks = realloc(held->blocks, capacity * sizeof *blocks);
    if (!blocks) return 0;
    held->blocks = blocks;
    held->capacity = capacity;
  }
  held->blocks[held->n++] = memory;
  held->bytes += bytes;
  return 1;
}

static void *watch_alloc(canon_job *job, uint64_t bytes) {
  if (must_fail(HOOK_ALLOC)) {
    canon_fail(job, CANON_E_MEMORY, CANON_NONE, "canon-conform refused this memory");
    return NULL;
  }
  pthread_mutex_lock(&lock);
  struct held *held = held_of(job);
  int fits = bytes <= held->limit && held->bytes <= held->limit - bytes;
  void *memory = fits ? fence_alloc(bytes, 64, 0) : NULL;
  if (memory && !keep(held, memory, bytes)) no_memory();
  pthread_mutex_unlock(&lock);
  if (!fits)
    canon_fail(job, CANON_E_LIMIT, CANON_NONE, "reading it would take more than %" PRIu64 " MiB of memory",
               held->limit >> 20);
  else if (!memory) canon_fail(job, CANON_E_MEMORY, CANON_NONE, "out of memory (%" PRIu64 " bytes)", bytes);
  return memory;
}

static void watch_free(canon_job *job, void *memory) {
  if (!memory) return;
  uint64_t bytes = fence_size(memory);
  pthread_mutex_lock(&lock);
  struct held *held = held_of(job);
  uint64_t i = 0;
  while (i < held->n && held->blocks[i] != memory) i++;
  if (bytes == CANON_NONE || i == held->n)
    broken("free() of memory that this job did not give, or that is free already");
  held->blocks[i] = held->blocks[--held->n];
  held->bytes -= bytes;
  pthread_mutex_unlock(&lock);
  if (fence_is_hurt(memory)) broken("memory before or behind a block of %" PRIu64 " bytes was written to", bytes);
  fence_free(memory);
}

static void *watch_resize(canon_job *job, void *memory, uint64_t bytes) {
  uint64_t old = memory ? fence_size(memory) : 0;
  if (old == CANON_NONE) broken("resize() of memory that this job did not give, or that is free already");
  void *grown = watch_alloc(job, bytes);
  if (!grown || !memory) return grown;
  memcpy(grown, memory, old < bytes ? old : bytes);
  watch_free(job, memory);
  return grown;
}

/* ---- failure ---- */

static int known_code(int32_t code) {
  return (code <= CANON_E_USAGE && code >= CANON_E_PLUGIN) || (code <= CANON_E_MALFORMED && code >= CANON_E_LIMIT);
}

static int32_t watch_fail_call(canon_job *job, int32_t code, uint64_t offset, const char *text) {
  if (!known_code(code)) broken("fail() was called with %" PRId32 ", which is no CANON_E_* code", code);
  if (!text || !*text) broken("fail() was called without a text");
  if (text[strlen(text) - 1] == '\n') broken("fail() was called with a text that ends its line: %s", text);
  return real->fail(job, code, offset, text);
}

static void watch_count(canon_job *job, const char *what, uint64_t n) {
  if (!what || !*what) broken("count() was called without a name");
  real->count(job, what, n);
}

static int32_t watch_tick(canon_job *job, uint64_t done, uint64_t total) {
  if (must_fail(HOOK_TICK)) return canon_fail(job, CANON_E_STOPPED, CANON_NONE, "canon-conform stopped the job");
  return real->tick(job, done, total);
}

/* ---- threads ---- */

struct work {
  int32_t (*fn)(canon_job *job, void *ctx, uint64_t i);
  void *ctx;
  canon_job *boss;
};

static int32_t do_work(canon_job *job, void *ctx, uint64_t i) {
  const struct work *work = ctx;
  canon_job *before = boss;
  boss = work->boss;
  int32_t code = work->fn(job, work->ctx, i);
  boss = before;
  return code;
}

static int32_t watch_parallel(canon_job *job, uint64_t n, int32_t (*fn)(canon_job *job, void *ctx, uint64_t i),
                              void *ctx) {
  struct work work = {fn, ctx, boss ? boss : job};
  return real->parallel(job, n, do_work, &work);
}

/* ---- bytes ---- */

static int32_t watch_source_read(canon_job *job, const canon_source *source, uint64_t offset, void *dst, uint64_t n) {
  if (must_fail(HOOK_READ)) return canon_fail(job, CANON_E_IO, CANON_NONE, "canon-conform made this read fail");
  int32_t code = real->source_read(job, source, offset, dst, n);
  if (!code) atomic_fetch_add(&bytes_read, n);
  return code;
}

static int32_t watch_sink_write(canon_job *job, canon_sink *sink, uint64_t offset, const void *src, uint64_t n) {
  if (must_fail(HOOK_WRITE)) return canon_fail(job, CANON_E_IO, CANON_NONE, "canon-conform made this write fail");
  return real->sink_write(job, sink, offset, src, n);
}

static int32_t watch_sink_size(canon_job *job, canon_sink *sink, uint64_t n) {
  if (must_fail(HOOK_WRITE)) return canon_fail(job, CANON_E_IO, CANON_NONE, "canon-conform made this sink_size fail");
  return real->sink_size(job, sink, n);
}

static int32_t watch_scratch(canon_job *job, canon_sink **sink, canon_source **source) {
  if (must_fail(HOOK_SCRATCH))
    return canon_fail(job, CANON_E_IO, CANON_NONE, "canon-conform made this scratch file fail");
  return real->scratch(job, sink, source);
}

void watch_reading(void) { atomic_store(&bytes_read, 0); }
uint64_t watch_bytes_read(void) { return atomic_load(&bytes_read); }

/* ---- jobs ---- */

static void take_over(canon_job *job) {
  if (!real) {
    real = job->host;
    watching = *real;
    watching.alloc = watch_alloc;
    watching.resize = watch_resize;
    watching.free = watch_free;
    watching.fail = watch_fail_call;
    watching.count = watch_count;
    watching.tick = watch_tick;
    watching.parallel = watch_parallel;
    watching.source_read = watch_source_read;
    watching.sink_write = watch_sink_write;
    watching.sink_size = watch_sink_size;
    watching.scratch = watch_scratch;
  }
  job->host = &watching;
}

/* As job/artifact.c bounds a reader. */
uint64_t watch_memory_limit(uint64_t source_size) {
  uint64_t growth;
  next_limit = canon_mul(source_size, 256, &growth) ? ((uint64_t)64 << 20) + growth : UINT64_MAX;
  return next_limit;
}

canon_job *watch_job(const struct subject *subject, const char *about) {
  enum { THREADS = 4 };
  job_shared.threads = THREADS;
  job_shared.registry = &subject->registry;
  struct job *job = need(job_new(&job_shared, about));
  struct held *held = need(calloc(1, sizeof *held));
  held->job = job_public(job);
  held->limit = next_limit ? next_limit : UINT64_MAX;
  next_limit = 0;
  pthread_mutex_lock(&lock);
  held->next = all_held;
  all_held = held;
  pthread_mutex_unlock(&lock);
  take_over(job_public(job));
  job_plugin(job, subject->plugin->id);
  return job_public(job);
}

void watch_job_free(canon_job *job) {
  job_close_parts(job_of(job)); /* readers of other formats, which took memory through this job */
  pthread_mutex_lock(&lock);
  struct held **at = &all_held;
  while ((*at)->job != job) at = &(*at)->next;
  struct held *held = *at;
  *at = held->next;
  pthread_mutex_unlock(&lock);
  if (held->n && !failure_code(job))
    broken("%" PRIu64 " block%s of alloc() outlive%s the calls that are to free them, close() or release() at the last",
           held->n, held->n == 1 ? "" : "s", held->n == 1 ? "s" : "");
  for (uint64_t i = 0; i < held->n; i++) {
    if (fence_is_hurt(held->blocks[i])) broken("memory before or behind a block was written to");
    fence_free(held->blocks[i]);
  }
  free(held->blocks);
  free(held);
  job_free(job_of(job));
}

/* ---- after a call ---- */

static int environment_is_default(void) {
  volatile double least = DBL_MIN;
  return fegetround() == FE_TONEAREST && least / 2 != 0;
}

const char *failure_text(canon_job *job) { return job_code(job_of(job)) ? job_text(job_of(job)) : ""; }
int32_t failure_code(canon_job *job) { return job_code(job_of(job)); }

int32_t returned(canon_job *job, const char *call, int32_t code) {
  int32_t recorded = failure_code(job);
  if (!environment_is_default())
    broken("%s changed the floating-point environment (rounding, or subnormals become 0)", call);
  if (code && !known_code(code)) broken("%s returned %" PRId32 ", which is no status", call, code);
  if (code && !recorded) broken("%s returned %" PRId32 " without saying why; return canon_fail(...)", call, code);
  if (!code && recorded)
    broken("%s returned 0 although a call of the host had failed with %" PRId32 " (%s); return what the host returned",
           call, recorded, failure_text(job));
  if (code != recorded)
    broken("%s returned %" PRId32 ", but the failure on record is %" PRId32
           " (%s); return what canon_fail or the host returned",
           call, code, recorded, failure_text(job));
  if (fence_any_hurt()) broken("%s wrote before or behind a block of memory", call);
  return code;
}
