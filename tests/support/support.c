/* SPDX-License-Identifier: MIT
 * support.c: see support.h. */
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/host/context.h"
#include "core/host/instance.h"
#include "core/io/sink.h"
#include "core/io/source.h"

enum { MOST = 256 };

struct support {
  struct job_shared shared;
  struct job *job;
  canon_source *sources[MOST];
  canon_sink *sinks[MOST];
  canon_instance *instances[MOST];
  void *files[MOST];
  int n_sources, n_sinks, n_instances, n_files;
};

static struct support *all[MOST];
static canon_context *builtin(void);

static struct support *of(canon_job *job) {
  for (int i = 0; i < MOST; i++)
    if (all[i] && job_public(all[i]->job) == job) return all[i];
  fail_msg("not a job of support_job()");
  return NULL;
}

canon_job *support_job(void) {
  struct support *s = calloc(1, sizeof *s);
  assert_non_null(s);
  s->shared.threads = 2;
  s->shared.registry = &builtin()->registry;
  s->job = job_new(&s->shared, "test");
  assert_non_null(s->job);
  for (int i = 0; i < MOST; i++) {
    if (all[i]) continue;
    all[i] = s;
    return job_public(s->job);
  }
  fail_msg("too many jobs");
  return NULL;
}

void support_job_free(canon_job *job) {
  struct support *s = of(job);
  for (int i = 0; i < s->n_sources; i++) source_close(s->sources[i]);
  for (int i = 0; i < s->n_sinks; i++) sink_close(s->sinks[i]);
  for (int i = 0; i < s->n_instances; i++) instance_free(s->instances[i]);
  for (int i = 0; i < s->n_files; i++) free(s->files[i]);
  job_free(s->job);
  for (int i = 0; i < MOST; i++)
    if (all[i] == s) all[i] = NULL;
  free(s);
}

int32_t support_code(canon_job *job) { return job_code(job_of(job)); }
const char *support_error(canon_job *job) { return support_code(job) ? job_text(job_of(job)) : ""; }
uint64_t support_leaked(canon_job *job) { return job_allocated(job_of(job)); }

const canon_source *support_source(canon_job *job, const void *bytes, size_t size) {
  struct support *s = of(job);
  assert_in_range(s->n_sources, 0, MOST - 1);
  assert_int_equal(source_from_memory(job, "test", bytes, size, &s->sources[s->n_sources]), CANON_OK);
  return s->sources[s->n_sources++];
}

uint8_t *support_slurp(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  if (!file) fail_msg("cannot open %s", path);
  fseek(file, 0, SEEK_END);
  long n = ftell(file);
  rewind(file);
  uint8_t *bytes = malloc((size_t)n + 1);
  assert_non_null(bytes);
  assert_int_equal(fread(bytes, 1, (size_t)n, file), n);
  fclose(file);
  *size = (size_t)n;
  return bytes;
}

const canon_source *support_file(canon_job *job, const char *path) {
  struct support *s = of(job);
  size_t size;
  assert_in_range(s->n_files, 0, MOST - 1);
  s->files[s->n_files] = support_slurp(path, &size);
  return support_source(job, s->files[s->n_files++], size);
}

canon_sink *support_sink(canon_job *job) {
  struct support *s = of(job);
  assert_in_range(s->n_sinks, 0, MOST - 1);
  assert_int_equal(sink_in_memory(job, &s->sinks[s->n_sinks]), CANON_OK);
  return s->sinks[s->n_sinks++];
}

const uint8_t *support_bytes(canon_sink *sink, size_t *size) {
  *size = sink_length(sink);
  return sink_memory(sink);
}

const canon_instance *support_instance(canon_job *job, ...) {
  struct support *s = of(job);
  canon_option options[16];
  canon_setting settings[16];
  uint64_t n = 0;
  va_list args;
  va_start(args, job);
  for (const char *key; n < 16 && (key = va_arg(args, const char *)); n++) {
    settings[n] = (canon_setting){key, va_arg(args, const char *)};
    options[n] = (canon_option){.name = key, .kind = CANON_OPTION_TEXT};
  }
  va_end(args);
  assert_in_range(s->n_instances, 0, MOST - 1);
  assert_int_equal(
      instance_new(job, "test", options, n, sizeof *options, settings, n, 1, &s->instances[s->n_instances]), CANON_OK);
  return s->instances[s->n_instances++];
}

static canon_context *builtin(void) {
  static canon_context *context;
  if (!context) {
    context = canon_context_new();
    assert_non_null(context);
    assert_int_equal(canon_context_load(context, NULL, 0), CANON_OK);
  }
  return context;
}

const canon_format *support_format(const char *name) {
  const struct registered_format *found = registry_format(&builtin()->registry, name);
  if (!found) fail_msg("no format %s", name);
  return &found->format;
}

const canon_transform *support_transform(const char *name) {
  const struct registered_transform *found = registry_transform(&builtin()->registry, name);
  if (!found) fail_msg("no transform %s", name);
  return &found->transform;
}

int support_fail_allocation(uint64_t n) { return mem_fail_at(n); }
