/* SPDX-License-Identifier: MIT
 * one.h: a format in order, "ONE!" and then bytes, for others to spoil: they define ONE_READ or the like as a function
 * of their own, and include one_plugin.h, which makes the plugin. */
#ifndef ONE_H
#define ONE_H

#include <canon/format.h>
#include <string.h>

enum { ONE_HEADER = 8 }; /* "ONE!", and four bytes that nobody looks at */

struct one {
  const canon_source *source;
  uint64_t n;
  canon_node tensor;
};

static inline int32_t one_probe(canon_job *job, const canon_source *source, uint32_t *bits) {
  char head[4];
  if (job->host->source_size(job, source) < ONE_HEADER) return CANON_OK;
  int32_t code = job->host->source_read(job, source, 0, head, sizeof head);
  if (!code && memcmp(head, "ONE!", sizeof head) == 0) *bits = 32;
  return code;
}

static inline int32_t one_open(canon_job *job, const canon_instance *instance, const canon_source *source,
                               void **reader) {
  uint32_t bits = 0;
  (void)instance;
  struct one *one = canon_alloc(job, sizeof *one);
  if (!one) return canon_failed(job);
  *reader = one;
  one->source = source;
  int32_t code = one_probe(job, source, &bits);
  if (code) return code;
  if (!bits) return canon_fail(job, CANON_E_MALFORMED, 0, "it does not begin with ONE!");
  one->n = job->host->source_size(job, source) - ONE_HEADER;
  one->tensor.kind = CANON_NODE_TENSOR;
  one->tensor.parent = CANON_NONE;
  one->tensor.dtype = CANON_U8;
  one->tensor.rank = 1;
  one->tensor.shape = &one->n;
  one->tensor.storage = CANON_NONE;
  one->tensor.storage_bytes = one->n;
  one->tensor.offset = ONE_HEADER;
  return CANON_OK;
}

static inline int32_t one_manifest(canon_job *job, void *reader, canon_manifest *manifest) {
  (void)job;
  manifest->nodes = &((struct one *)reader)->tensor;
  manifest->n_nodes = 1;
  return CANON_OK;
}

static inline int32_t one_read(canon_job *job, void *reader, uint64_t node, uint64_t first, uint64_t count, void *dst) {
  (void)node;
  return job->host->source_read(job, ((struct one *)reader)->source, ONE_HEADER + first, dst, count);
}

static inline int32_t one_can_write(canon_job *job, const canon_instance *instance, const canon_manifest *manifest) {
  (void)instance;
  const canon_node *root = canon_manifest_node(manifest, 0);
  if (root->kind == CANON_NODE_TENSOR && root->dtype == CANON_U8 && root->rank == 1) return CANON_OK;
  return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE, "one holds one tensor of u8 and one dimension");
}

static inline int32_t one_begin(canon_job *job, const canon_instance *instance, const canon_manifest *manifest,
                                canon_sink *sink, void **writer) {
  (void)instance, (void)manifest;
  canon_sink **kept = canon_alloc(job, sizeof *kept);
  if (!kept) return canon_failed(job);
  *kept = sink;
  *writer = kept;
  return job->host->sink_write(job, sink, 0, "ONE!\0\0\0", ONE_HEADER);
}

static inline int32_t one_place(canon_job *job, void *writer, uint64_t node, canon_extent *extent) {
  (void)job, (void)writer, (void)node;
  extent->offset = ONE_HEADER;
  return CANON_OK;
}

#endif
