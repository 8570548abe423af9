/* SPDX-License-Identifier: MIT
 * artifact.c: canon_artifact_*: from a name to a tree of nodes, and the elements of its tensors on request. */
#include "core/job/artifact.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/instance.h"
#include "core/host/probe.h"

/* A reader's own memory may grow to this, whatever a small file claims. */
static const uint64_t reader_base = UINT64_C(64) << 20, reader_growth = 256;

static char *copy_part(const char *text, size_t n) {
  char *copy = mem_alloc(n + 1);
  if (copy) memcpy(copy, text, n);
  return copy;
}

/* FILE#/pointer: the first "#/" whose left side is there; a file of the whole name comes before all of that. */
static size_t split_name(const char *name) {
  size_t whole = strlen(name);
  if (strcmp(name, "-") == 0 || access(name, F_OK) == 0) return whole;
  for (const char *at = name; (at = strstr(at, "#/")); at++) {
    char *file = copy_part(name, (size_t)(at - name));
    int there = file && (strcmp(file, "-") == 0 || access(file, F_OK) == 0);
    mem_free(file);
    if (there) return (size_t)(at - name);
  }
  return whole;
}

static int32_t start_reader(canon_artifact *a) {
  struct job *job = a->job;
  const canon_format *format = &a->format->format;
  uint64_t size = source_size(a->source);
  job_budget(job, reader_base + (size < UINT64_MAX / (2 * reader_growth) ? size * reader_growth : UINT64_MAX / 2));
  canon_manifest manifest = {.struct_size = sizeof manifest, .node_size = sizeof(canon_node)};
  const char *before = job_plugin(job, a->plugin);
  int32_t code = job_checked(job, format->open(job_public(job), a->instance, a->source, &a->reader));
  if (!code) code = job_checked(job, format->manifest(job_public(job), a->reader, &manifest));
  if (!code) {
    job_budget(job, UINT64_MAX);
    code = tree_resolve(job_public(job), &manifest, &a->tree);
  }
  job_plugin(job, before);
  return code;
}

static int32_t narrow(canon_artifact *a, const char *pointer, const canon_selection *selection) {
  static const canon_selection everything = {0};
  int selecting = selection && (selection->n_select || selection->n_exclude || selection->tensors_only);
  if (!pointer && !selecting) return CANON_OK;
  struct tree *selected = NULL;
  int32_t code = tree_select(job_public(a->job), a->tree, pointer, selection ? selection : &everything, &selected);
  if (code) return code;
  tree_free(a->tree);
  a->tree = selected;
  return CANON_OK;
}

static int32_t open_all(canon_artifact *a, const char *file, const char *pointer, const canon_open_options *options) {
  canon_job *job = job_public(a->job);
  const canon_open_options none = {0}, *o = options ? options : &none;
  int32_t code = source_open(job, file, &a->source);
  if (!code) code = probe_format(a->job, &a->context->registry, a->source, o->from, &a->format);
  if (code) return code;
  const canon_format *format = &a->format->format;
  a->plugin = registry_plugin_id(&a->context->registry, a->format->plugin);
  code = instance_new(job, format->name, format->options, format->n_options, format->option_size, o->settings,
                      o->n_settings, 0, &a->instance);
  if (!code) code = start_reader(a);
  if (!code) code = narrow(a, pointer, &o->selection);
  return code;
}

int32_t canon_artifact_open(canon_context *context, const char *name, const canon_open_options *options,
                            canon_artifact **artifact) {
  context_begin(context);
  *artifact = NULL;
  canon_artifact *a = mem_alloc(sizeof *a);
  size_t split = split_name(name);
  char *file = copy_part(name, split);
  if (a) {
    a->context = context;
    a->name = copy_part(name, strlen(name));
    a->job = job_new(&context->shared, file && strcmp(file, "-") == 0 ? "standard input" : file);
  }
  if (!a || !file || !a->name || !a->job) {
    canon_artifact_close(a);
    mem_free(file);
    return context_out_of_memory(context);
  }
  int32_t code = open_all(a, file, name[split] ? name + split + 1 : NULL, options);
  mem_free(file);
  if (code) {
    context_take_failure(context, a->job);
    canon_artifact_close(a);
    return code;
  }
  *artifact = a;
  return CANON_OK;
}

void canon_artifact_close(canon_artifact *a) {
  if (!a) return;
  tree_free(a->tree);
  if (a->reader) a->format->format.close(job_public(a->job), a->reader);
  instance_free(a->instance);
  job_free(a->job); /* and the readers of its parts */
  source_close(a->source);
  mem_free(a->sha256);
  mem_free(a->name);
  mem_free(a);
}

const char *canon_artifact_name(const canon_artifact *a) { return a->name; }
const char *canon_artifact_format(const canon_artifact *a) { return a->format->format.name; }
uint64_t canon_artifact_size(const canon_artifact *a) { return source_size(a->source); }
const canon_manifest *canon_artifact_manifest(const canon_artifact *a) { return &a->tree->manifest; }
const char *canon_artifact_path(canon_artifact *a, uint64_t node) { return tree_path(a->tree, node); }
const char *canon_artifact_value(canon_artifact *a, uint64_t node) { return tree_value_json(a->tree, node); }

canon_tensor artifact_tensor(const canon_node *node) {
  canon_tensor tensor = {.dtype = node->dtype, .rank = node->rank};
  for (uint32_t i = 0; i < node->rank; i++) tensor.shape[i] = node->shape[i];
  return tensor;
}

int artifact_is_random(const canon_artifact *a) {
  return (a->format->format.flags & CANON_FORMAT_RANDOM) != 0 && job_parts_random(a->job);
}

int32_t artifact_read_origin(const canon_artifact *a, canon_job *job, uint64_t origin, uint64_t first, uint64_t count,
                             void *dst) {
  struct job *j = job_of(job);
  const char *before = job_plugin(j, a->plugin);
  int32_t code = job_checked(j, a->format->format.read(job, a->reader, origin, first, count, dst));
  job_plugin(j, before);
  return code;
}

int32_t artifact_read(const canon_artifact *a, canon_job *job, uint64_t node, uint64_t first, uint64_t count,
                      void *dst) {
  return artifact_read_origin(a, job, a->tree->origin[node], first, count, dst);
}

int32_t canon_artifact_read(canon_artifact *a, uint64_t node, uint64_t first, uint64_t count, void *dst) {
  context_begin(a->context);
  job_forget_failure(a->job);
  canon_job *job = job_public(a->job);
  const canon_node *n = node < a->tree->n_nodes ? &a->tree->nodes[node] : NULL;
  int32_t code = CANON_OK;
  if (!n || n->kind != CANON_NODE_TENSOR)
    code = canon_fail(job, CANON_E_USAGE, CANON_NONE, "node %" PRIu64 " is no tensor", node);
  canon_tensor tensor = n && !code ? artifact_tensor(n) : (canon_tensor){0};
  uint64_t elements = tensor_elements(&tensor);
  if (!code && (first > elements || count > elements - first))
    code = canon_fail(job, CANON_E_USAGE, CANON_NONE,
                      "elements %" PRIu64 " to %" PRIu64 " were asked for, the tensor has %" PRIu64, first,
                      first + count, elements);
  if (!code && count) code = artifact_read(a, job, node, first, count, dst);
  return code ? context_take_failure(a->context, a->job) : CANON_OK;
}

struct stored {
  uint64_t storage, bytes;
};

static int by_storage(const void *a, const void *b) {
  const struct stored *x = a, *y = b;
  return (x->storage > y->storage) - (x->storage < y->storage);
}

/* Bytes that the storages of the tree's tensors take in the file, each counted once; 0: out of memory, or nothing told.
 */
static uint64_t stored_bytes(const struct tree *tree) {
  struct stored *all = mem_alloc(tree->n_nodes * sizeof *all);
  uint64_t n = 0, sum = 0;
  if (!all) return 0;
  for (uint64_t i = 0; i < tree->n_nodes; i++) {
    const canon_node *node = &tree->nodes[i];
    if (node->kind == CANON_NODE_TENSOR) all[n++] = (struct stored){node->storage, node->storage_bytes};
  }
  qsort(all, n, sizeof *all, by_storage);
  for (uint64_t i = 0; i < n; i++) {
    int again = i && all[i].storage == all[i - 1].storage && all[i].storage != CANON_NONE;
    if (!again && !canon_add(sum, all[i].bytes, &sum)) sum = UINT64_MAX;
  }
  mem_free(all);
  return sum;
}

int32_t artifact_check_expansion(canon_artifact *a, uint64_t *bytes) {
  enum { TIMES = 16 };
  const struct tree *tree = a->tree;
  *bytes = a->bytes;
  if (a->expansion_checked) return CANON_OK;
  uint64_t sum = 0, stored = stored_bytes(tree), limit = a->context->limit_expand;
  int fits = 1;
  for (uint64_t i = 0; fits && i < tree->n_nodes; i++) {
    const canon_node *node = &tree->nodes[i];
    uint64_t elements, size;
    if (node->kind != CANON_NODE_TENSOR) continue;
    fits = canon_elements(node->shape, node->rank, &elements) &&
           canon_mul(elements, canon_dtype_size(node->dtype), &size) && canon_add(sum, size, &sum);
  }
  *bytes = a->bytes = sum;
  /* What is stored cannot exceed the file by more than its compression, so the file's size counts where nothing is
   * told. */
  if (stored == 0) stored = source_size(a->source);
  a->expansion_checked = fits && (sum <= limit || sum / TIMES <= stored);
  if (a->expansion_checked) return CANON_OK;
  return canon_fail(job_public(a->job), CANON_E_LIMIT, CANON_NONE,
                    "its tensors come to %s%" PRIu64 " bytes, but only %" PRIu64
                    " are stored: views or expanded tensors; raise --limit-expand, or leave them out with --exclude",
                    fits ? "" : "more than ", sum, stored);
}
