/* SPDX-License-Identifier: MIT
 * context.c: canon_context, and the plugins as the library shows them. */
#include "core/host/context.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/load.h"
#include "core/numerics/kernels.h"

const char *canon_version(void) { return CANON_VERSION; }

int32_t canon_status_of(int32_t code) {
  if (code == CANON_OK) return 0;
  return code <= CANON_E_MALFORMED ? 3 : 2;
}

canon_context *canon_context_new(void) {
  canon_context *context = mem_alloc(sizeof *context);
  if (!context) return NULL;
  context->shared.registry = &context->registry;
  context->limit_expand = (uint64_t)1 << 30;
  canon_context_threads(context, 0);
  return context;
}

void canon_context_free(canon_context *context) {
  if (!context) return;
  registry_free(&context->registry);
  text_free(&context->error_text);
  mem_free(context);
}

void context_begin(canon_context *context) {
  context->error = (canon_error){0};
  text_cut(&context->error_text, 0);
  atomic_store(&context->shared.stopped, 0);
}

int32_t context_take_failure(canon_context *context, const struct job *job) {
  int32_t code = job_code(job);
  text_cut(&context->error_text, 0);
  text_string(&context->error_text, job_text(job));
  context->error = (canon_error){code, canon_status_of(code),
                                 context->error_text.size ? context->error_text.bytes : "out of memory"};
  return code;
}

int32_t context_out_of_memory(canon_context *context) {
  context->error = (canon_error){CANON_E_MEMORY, 2, "out of memory"};
  return CANON_E_MEMORY;
}

void context_keep_counts(canon_context *context, const struct job *job) {
  const canon_count *counts;
  context->report.n_counts = job_counts(job, &counts);
  memcpy(context->counts, counts, context->report.n_counts * sizeof *counts);
  context->report.counts = context->counts;
}

const canon_error *canon_context_error(const canon_context *context) { return &context->error; }
void canon_context_listen(canon_context *context, const canon_listener *listener) {
  context->shared.listener = *listener;
}

int32_t canon_context_threads(canon_context *context, uint32_t threads) {
  enum { MOST = 1024 };
  long processors = sysconf(_SC_NPROCESSORS_ONLN);
  if (threads == 0) threads = processors > 0 ? (uint32_t)processors : 1;
  context->shared.threads = threads < MOST ? threads : MOST;
  return CANON_OK;
}

int32_t canon_context_limit_expand(canon_context *context, uint64_t bytes) {
  context->shared.registry = &context->registry;
  context->limit_expand = bytes;
  return CANON_OK;
}

const char *canon_kernels(void) { return dispatch_isa(); }

int32_t canon_context_kernels(canon_context *context, const char *name) {
  context_begin(context);
  if (dispatch_limit(name)) return CANON_OK;
  text_string(&context->error_text, "there are no kernels '");
  text_visible(&context->error_text, name, strlen(name));
  text_string(&context->error_text, "' here; there are");
  for (size_t i = 0; dispatch_machine(i); i++)
    text_printf(&context->error_text, "%s %s", i ? "," : "", dispatch_machine(i));
  if (context->error_text.failed) return context_out_of_memory(context);
  context->error = (canon_error){CANON_E_USAGE, canon_status_of(CANON_E_USAGE), context->error_text.bytes};
  return CANON_E_USAGE;
}

int32_t canon_context_load(canon_context *context, const char *path, uint32_t without_builtin) {
  context_begin(context);
  if (context->loaded) return CANON_OK;
  context->loaded = 1;
  int ok = without_builtin ? 1 : registry_add_builtin(&context->registry);
  for (const char *at = path; ok && at && *at;) {
    size_t n = strcspn(at, ":");
    char *folder = mem_alloc(n + 1);
    if (!folder) return context_out_of_memory(context);
    memcpy(folder, at, n);
    if (n) ok = registry_add_folder(&context->registry, folder);
    mem_free(folder);
    at += n + (at[n] == ':');
  }
  char *installed = load_installed_folder();
  if (ok) ok = registry_add_folder(&context->registry, installed ? installed : CANON_PLUGIN_DIR);
  mem_free(installed);
  return ok ? CANON_OK : context_out_of_memory(context);
}

uint64_t canon_plugin_count(const canon_context *context) { return context->registry.n_plugins; }
canon_plugin_info canon_plugin_at(const canon_context *context, uint64_t i) { return context->registry.plugins[i]; }
uint64_t canon_format_count(const canon_context *context) { return context->registry.n_formats; }

const canon_format *canon_format_at(const canon_context *context, uint64_t i, uint64_t *plugin) {
  if (plugin) *plugin = context->registry.formats[i].plugin;
  return &context->registry.formats[i].format;
}

uint64_t canon_transform_count(const canon_context *context) { return context->registry.n_transforms; }

const canon_transform *canon_transform_at(const canon_context *context, uint64_t i, uint64_t *plugin) {
  if (plugin) *plugin = context->registry.transforms[i].plugin;
  return &context->registry.transforms[i].transform;
}
