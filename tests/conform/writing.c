/* SPDX-License-Identifier: MIT
 * writing.c: see writing.h. */
#include "tests/conform/writing.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/crc32.h"
#include "core/base/sha256.h"
#include "core/host/instance.h"
#include "core/host/job.h"
#include "core/io/folder.h"
#include "core/io/source.h"
#include "core/job/bytes.h"

/* A newer host's structs are longer than those that the plugin was compiled with. */
enum { LONGER = 24, FILL = 0xee };

static const canon_node *node_at(const struct writing *w, uint64_t i) { return canon_manifest_node(w->manifest, i); }

static void lengthen(struct writing *w, const struct tree *tree) {
  uint32_t size = sizeof(canon_node) + LONGER;
  uint8_t *nodes = need(malloc(tree->n_nodes * size));
  for (uint64_t i = 0; i < tree->n_nodes; i++) {
    memcpy(nodes + i * size, &tree->nodes[i], sizeof(canon_node));
    memset(nodes + i * size + sizeof(canon_node), FILL, LONGER);
    w->n_tensors += tree->nodes[i].kind == CANON_NODE_TENSOR;
  }
  w->manifest = need(fence_alloc(sizeof *w->manifest + LONGER, 8, FILL));
  *w->manifest = tree->manifest;
  w->manifest->struct_size = sizeof *w->manifest + LONGER;
  w->manifest->node_size = size;
  w->manifest->nodes = (const canon_node *)(const void *)nodes;
}

int32_t writing_check(const struct subject *subject, const canon_format *format, const char *label,
                      const struct tree *tree, struct writing *w) {
  *w = (struct writing){.subject = subject, .format = format, .label = label};
  w->job = watch_job(subject, label);
  lengthen(w, tree);
  w->written = need(calloc(w->n_tensors + 1, sizeof *w->written + LONGER));
  w->extents = need(calloc(w->n_tensors + 1, sizeof *w->extents));
  if (instance_new(w->job, format->name, format->options, format->n_options, format->option_size, subject->settings,
                   subject->n_settings, 0, &w->instance))
    broken("--set: %s", failure_text(w->job));
  step("%s: can_write()", label);
  return returned(w->job, "can_write()", format->can_write(w->job, w->instance, w->manifest));
}

int32_t writing_begin(struct writing *w) {
  static unsigned serial;
  int32_t code;
  if (w->format->flags & CANON_FORMAT_FOLDER) {
    snprintf(w->path, sizeof w->path, "%s/%d-%u", w->subject->folder, (int)getpid(), serial++);
    code = sink_create_folder(w->job, w->path, 0, &w->sink);
  } else {
    code = sink_in_memory(w->job, &w->sink);
  }
  if (code) broken("%s: %s", w->label, failure_text(w->job));
  step("%s: begin()", w->label);
  return returned(w->job, "begin()", w->format->begin(w->job, w->instance, w->manifest, w->sink, &w->writer));
}

static void check_extent(const struct writing *w, const struct extent *extent) {
  if (extent->offset > INT64_MAX || extent->bytes > INT64_MAX - extent->offset)
    broken("%s: place() puts node %" PRIu64 " at byte %" PRIu64 ", where no file reaches", w->label, w->node,
           extent->offset);
  for (uint64_t i = 0; i < w->tensor; i++) {
    const struct extent *other = &w->extents[i];
    if (!other->bytes || !extent->bytes || other->sink != extent->sink) continue;
    if (extent->offset < other->offset + other->bytes && other->offset < extent->offset + extent->bytes)
      broken("%s: place() puts node %" PRIu64 " at byte %" PRIu64 ", over tensor %" PRIu64 " at byte %" PRIu64,
             w->label, w->node, extent->offset, i, other->offset);
  }
}

static int32_t hand_over(struct writing *w, const canon_node *node, const uint8_t *values, uint64_t n, uint64_t piece) {
  uint32_t size = canon_dtype_size(node->dtype);
  int32_t code = CANON_OK;
  for (uint64_t first = 0; !code && first < n; first += piece) {
    uint64_t count = piece < n - first ? piece : n - first;
    uint8_t *src = need(fence_alloc(count * size, size, 0));
    memcpy(src, values + first * size, count * size);
    code = returned(w->job, "write()", w->format->write(w->job, w->writer, w->node, first, count, src));
    fence_free(src);
  }
  return code;
}

static int32_t place(struct writing *w, const canon_node *node, const uint8_t *values, uint64_t n, uint64_t piece) {
  canon_extent *extent = need(fence_alloc(sizeof *extent + LONGER, 8, 0));
  extent->struct_size = sizeof *extent + LONGER;
  extent->sink = w->sink;
  int32_t code = returned(w->job, "place()", w->format->place(w->job, w->writer, w->node, extent));
  if (extent->struct_size != sizeof *extent + LONGER)
    broken("place() replaced the whole struct; set its members one by one");
  if (!code && extent->offset == CANON_NONE) { /* the bytes do not lie together: write() takes them */
    fence_free(extent);
    return hand_over(w, node, values, n, piece);
  }
  if (extent->reserved) broken("%s: place() fills a reserved member", w->label);
  w->extents[w->tensor] = (struct extent){extent->sink, extent->offset, n * canon_dtype_size(node->dtype)};
  if (!code) check_extent(w, &w->extents[w->tensor]);
  if (!code) code = sink_write(w->job, extent->sink, extent->offset, values, w->extents[w->tensor].bytes);
  fence_free(extent);
  return code;
}

int32_t writing_tensor(struct writing *w, uint64_t piece, values_fn values, void *ctx, int *done) {
  while (w->node < w->manifest->n_nodes && node_at(w, w->node)->kind != CANON_NODE_TENSOR) w->node++;
  *done = w->node == w->manifest->n_nodes;
  if (*done) return CANON_OK;
  const canon_node *node = node_at(w, w->node);
  uint64_t n = 0, bytes;
  if (!canon_elements(node->shape, node->rank, &n)) broken("a tree of canon-conform is too large");
  bytes = n * canon_dtype_size(node->dtype);
  uint8_t *own = need(malloc(bytes + 1));
  if (values) memcpy(own, values(ctx, w->tensor), bytes);
  else fill_values(node->dtype, w->tensor, own, n);
  if (w->format->place) bytes_little_endian(node->dtype, own, n);
  step("%s: node %" PRIu64, w->label, w->node);
  int32_t code = w->format->place ? place(w, node, own, n, piece) : hand_over(w, node, own, n, piece);
  canon_written *written = (canon_written *)(void *)((char *)w->written + w->tensor * (sizeof *written + LONGER));
  *written = (canon_written){.node = w->node, .bytes = bytes};
  if (w->format->flags & CANON_FORMAT_CRC32) written->crc32 = crc32_update(0, own, bytes);
  free(own);
  w->node++;
  w->tensor++;
  return code;
}

int32_t writing_end(struct writing *w) {
  int32_t code = CANON_OK;
  step("%s: end()", w->label);
  if (w->format->end)
    code = returned(w->job, "end()",
                    w->format->end(w->job, w->writer, w->written, w->n_tensors, sizeof *w->written + LONGER));
  for (uint64_t i = 0; !code && i < w->n_tensors; i++)
    if (w->extents[i].bytes && w->extents[i].sink == w->sink &&
        w->extents[i].offset + w->extents[i].bytes > sink_length(w->sink))
      broken("%s: end() made the output %" PRIu64 " bytes long, tensor %" PRIu64 " was placed up to byte %" PRIu64,
             w->label, sink_length(w->sink), i, w->extents[i].offset + w->extents[i].bytes);
  if (!code && *w->path) code = sink_commit(w->job, w->sink);
  return code;
}

void writing_free(struct writing *w) {
  step("%s: release()", w->label);
  if (w->writer) w->format->release(w->job, w->writer);
  if (fence_any_hurt()) broken("release() wrote before or behind a block of memory");
  sink_close(w->sink);
  if (*w->path) folder_remove(w->path);
  instance_free(w->instance);
  free((void *)(uintptr_t)w->manifest->nodes);
  fence_free(w->manifest);
  free(w->written);
  free(w->extents);
  watch_job_free(w->job);
  *w = (struct writing){0};
}

struct input writing_input(struct writing *w) {
  if (*w->path) return (struct input){.path = w->path, .label = w->label, .format = w->format->name, .folder = 1};
  return (struct input){.path = "written",
                        .label = w->label,
                        .format = w->format->name,
                        .bytes = (uint8_t *)(uintptr_t)sink_memory(w->sink),
                        .size = sink_length(w->sink)};
}

/* Of all bytes that were written, with the names of a folder's files. */
void writing_digest(struct writing *w, uint8_t digest[32]) {
  struct sha256 sha = {0};
  sha256_start(&sha);
  canon_source *source = NULL, *member;
  if (!*w->path) sha256_add(&sha, sink_memory(w->sink), sink_length(w->sink));
  else if (source_open(w->job, w->path, &source)) broken("%s", failure_text(w->job));
  for (uint64_t i = 0; source && i < source_members(source); i++) {
    if (source_member(w->job, source, i, &member)) broken("%s", failure_text(w->job));
    uint64_t size = source_size(member);
    uint8_t *content = need(malloc(size + 1));
    if (source_read(w->job, member, 0, content, size)) broken("%s", failure_text(w->job));
    sha256_add(&sha, source_member_name(source, i), strlen(source_member_name(source, i)) + 1);
    sha256_add(&sha, &size, sizeof size);
    sha256_add(&sha, content, size);
    free(content);
  }
  source_close(source);
  if (!sha256_end(&sha, digest)) no_memory();
}
