/* SPDX-License-Identifier: MIT
 * reading.c: opens inputs through the plugin as the host does (job/artifact.c), and remembers what was in them. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/sha256.h"
#include "core/host/instance.h"
#include "core/host/job.h"
#include "core/io/source.h"
#include "core/model/model.h"
#include "tests/conform/conform.h"

const canon_format *own_format(const struct subject *subject, uint64_t i) {
  for (size_t k = 0; k < subject->registry.n_formats; k++)
    if (subject->registry.formats[k].plugin == 0 && i-- == 0) return &subject->registry.formats[k].format;
  return NULL;
}

const canon_transform *own_transform(const struct subject *subject, uint64_t i) {
  for (size_t k = 0; k < subject->registry.n_transforms; k++)
    if (subject->registry.transforms[k].plugin == 0 && i-- == 0) return &subject->registry.transforms[k].transform;
  return NULL;
}

static int32_t open_source(canon_job *job, const struct input *input, const uint8_t *content, uint64_t size,
                           canon_source **source) {
  if (input->folder) return source_open(job, input->path, source);
  const char *slash = strrchr(input->path, '/');
  return source_from_memory(job, slash ? slash + 1 : input->path, content, size, source);
}

static canon_instance *instance_of(const struct subject *subject, const canon_format *format, canon_job *job) {
  canon_instance *instance = NULL;
  if (instance_new(job, format->name, format->options, format->n_options, format->option_size, subject->settings,
                   subject->n_settings, 0, &instance))
    broken("--set: %s", failure_text(job));
  return instance;
}

/* A host of the future has a longer manifest; members of its own stay as they are. */
static int32_t ask_manifest(struct reading *r, const char *label) {
  enum { FUTURE = 64 };
  canon_manifest *manifest = need(fence_alloc(sizeof *manifest + FUTURE, 16, 0));
  *manifest = (canon_manifest){.struct_size = sizeof *manifest + FUTURE, .node_size = sizeof(canon_node)};
  step("%s: manifest()", label);
  int32_t code = returned(r->job, "manifest()", r->format->manifest(r->job, r->reader, manifest));
  if (manifest->struct_size != sizeof *manifest + FUTURE)
    broken("manifest() replaced the whole struct; set its members one by one, a newer host's struct is longer");
  r->manifest = *manifest;
  fence_free(manifest);
  return code;
}

int32_t reading_open(const struct subject *subject, const canon_format *format, const struct input *input,
                     const uint8_t *content, uint64_t size, struct reading *r) {
  *r = (struct reading){.format = format, .label = input->label};
  if (!input->folder) watch_memory_limit(size);
  r->job = watch_job(subject, input->label);
  if (open_source(r->job, input, content, size, &r->source)) broken("%s", failure_text(r->job));
  r->instance = instance_of(subject, format, r->job);
  step("%s: open()", input->label);
  int32_t code = returned(r->job, "open()", format->open(r->job, r->instance, r->source, &r->reader));
  if (!code) code = ask_manifest(r, input->label);
  if (!code) code = raw_check_frame(r->job, &r->manifest);
  if (!code) code = tree_resolve(r->job, &r->manifest, &r->tree);
  if (code == CANON_E_PLUGIN) broken("%s", failure_text(r->job));
  return code;
}

void reading_close(struct reading *r) {
  tree_free(r->tree);
  step("%s: close()", r->label);
  if (r->reader) r->format->close(r->job, r->reader);
  instance_free(r->instance);
  source_close(r->source);
  watch_job_free(r->job);
  *r = (struct reading){0};
}

int32_t reading_read(struct reading *r, canon_job *job, uint64_t node, uint64_t first, uint64_t count, void *dst) {
  char call[96];
  snprintf(call, sizeof call, "read(node %" PRIu64 ", first %" PRIu64 ", count %" PRIu64 ")", node, first, count);
  step("%s: %s", r->label, call);
  return returned(job, call, r->format->read(job, r->reader, node, first, count, dst));
}

uint32_t reading_size(const struct reading *r, uint64_t node) {
  return canon_dtype_size(model_raw_node(&r->manifest, node).dtype);
}

uint64_t reading_elements(const struct reading *r, uint64_t node, uint64_t most) {
  canon_node n = model_raw_node(&r->manifest, node);
  uint64_t elements = 0;
  if (n.kind != CANON_NODE_TENSOR || !canon_elements(n.shape, n.rank, &elements)) return 0;
  uint64_t fit = most / canon_dtype_size(n.dtype);
  return elements < fit ? elements : fit;
}

struct content *reading_values(struct reading *r, uint64_t most) {
  struct content *values = need(calloc(r->manifest.n_nodes, sizeof *values));
  for (uint64_t i = 0; i < r->manifest.n_nodes; i++) {
    uint64_t elements = reading_elements(r, i, most);
    if (!elements) continue;
    values[i].n = elements * reading_size(r, i);
    values[i].at = need(fence_alloc(values[i].n, reading_size(r, i), 0xff));
    if (reading_read(r, r->job, i, 0, elements, values[i].at)) broken("%s", failure_text(r->job));
  }
  return values;
}

void values_free(struct content *values, uint64_t n) {
  for (uint64_t i = 0; values && i < n; i++) fence_free(values[i].at);
  free(values);
}

/* ---- fingerprint ---- */

static void add_number(struct sha256 *sha, uint64_t number) { sha256_add(sha, &number, sizeof number); }

static void add_bytes(struct sha256 *sha, const void *at, uint64_t n) {
  add_number(sha, at ? n : CANON_NONE);
  if (at) sha256_add(sha, at, n);
}

static void add_text(struct sha256 *sha, const char *text) { add_bytes(sha, text, text ? strlen(text) : 0); }

static void add_node(struct sha256 *sha, const canon_node *node) {
  const uint64_t numbers[] = {node->kind, node->flags, node->parent, node->kind == CANON_NODE_REF ? node->target : 0,
                              node->key_kind};
  sha256_add(sha, numbers, sizeof numbers);
  add_bytes(sha, node->key, node->key_size);
  add_text(sha, node->type);
  for (uint64_t i = 0; i < node->n_attributes; i++) {
    canon_attribute attribute;
    memcpy(&attribute, (const char *)node->attributes + i * node->attribute_size, sizeof attribute);
    add_text(sha, attribute.name);
    add_text(sha, attribute.text);
  }
  if (node->kind != CANON_NODE_TENSOR) {
    if (node->kind > CANON_NODE_SET) add_bytes(sha, node->data, node->data_size);
    return;
  }
  const uint64_t layout[] = {node->dtype, node->rank, node->storage, node->storage_bytes, node->offset};
  sha256_add(sha, layout, sizeof layout);
  add_bytes(sha, node->shape, node->rank * sizeof *node->shape);
  add_bytes(sha, node->stride, node->rank * sizeof *node->stride);
}

void reading_fingerprint(const struct reading *r, uint8_t digest[32]) {
  struct sha256 sha = {0};
  sha256_start(&sha);
  for (uint64_t i = 0; i < r->manifest.n_nodes; i++) {
    canon_node node = model_raw_node(&r->manifest, i);
    add_node(&sha, &node);
  }
  add_text(&sha, r->manifest.producer);
  for (uint64_t i = 0; i < r->manifest.n_details; i++) {
    canon_detail detail;
    memcpy(&detail, (const char *)r->manifest.details + i * r->manifest.detail_size, sizeof detail);
    add_text(&sha, detail.name);
    add_text(&sha, detail.text);
    add_number(&sha, detail.text ? 0 : (uint64_t)detail.number);
  }
  if (!sha256_end(&sha, digest)) no_memory();
}

/* ---- inputs ---- */

static const canon_format *claimed_by(const struct subject *subject, const struct input *input) {
  const canon_format *best = NULL, *format;
  uint32_t most = 0;
  if (!own_format(subject, 1)) return own_format(subject, 0);
  for (uint64_t i = 0; (format = own_format(subject, i)); i++) {
    if (input->format && strcmp(input->format, format->name) == 0) return format;
    canon_job *job = watch_job(subject, input->label);
    canon_source *source;
    uint32_t bits = 0;
    if (open_source(job, input, input->bytes, input->size, &source)) broken("%s", failure_text(job));
    step("%s: probe() of %s", input->label, format->name);
    if (!format->probe(job, source, &bits) && bits > most) {
      most = bits;
      best = format;
    }
    source_close(source);
    watch_job_free(job);
  }
  return best;
}

void each_input(const struct subject *subject, input_fn fn) {
  if (!own_format(subject, 0)) nothing_to_do("it has no format");
  if (!subject->n_inputs) nothing_to_do("there is nothing to read; name a FILE");
  for (size_t i = 0; i < subject->n_inputs; i++) {
    const struct input *input = &subject->inputs[i];
    const canon_format *format = claimed_by(subject, input);
    if (!format) broken("%s: none of the plugin's formats claims it", input->label);
    fn(subject, format, input);
  }
}
