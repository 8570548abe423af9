/* SPDX-License-Identifier: MIT
 * writer.c: writes a tree that is one tensor as numpy.save writes a C-ordered little-endian array, byte for byte. */
#include <string.h>

#include "formats/npy/npy.h"

#define POINTER_BYTES 200

typedef struct npy_writer {
  canon_sink *sink;
  uint64_t data; /* byte at which the elements begin */
  uint64_t end;
} npy_writer;

static int32_t refuse_tree(canon_job *job, const canon_manifest *manifest);

int32_t npy_can_write(canon_job *job, const canon_instance *instance, const canon_manifest *manifest) {
  const canon_node *root = canon_manifest_node(manifest, 0);
  if (root->kind != CANON_NODE_TENSOR) return refuse_tree(job, manifest);
  char descr[NPY_DESCR_BYTES];
  int32_t code = npy_descr_write(job, instance, "", root->dtype, descr);
  if (code) return code;
  uint64_t elements, bytes;
  if (!npy_shape_bytes(root->shape, root->rank, root->dtype, &elements, &bytes))
    return canon_fail(job, CANON_E_LIMIT, CANON_NONE, "the shape is over the 2^63 - 1 bytes that NumPy can address");
  return CANON_OK;
}

int32_t npy_begin(canon_job *job, const canon_instance *instance, const canon_manifest *manifest, canon_sink *sink,
                  void **out) {
  const canon_node *tensor = canon_manifest_node(manifest, 0);
  char descr[NPY_DESCR_BYTES], header[NPY_LONGEST_WRITTEN];
  int32_t code = npy_descr_write(job, instance, "", tensor->dtype, descr);
  if (code) return code;
  npy_writer *writer = canon_alloc(job, sizeof *writer);
  if (!writer) return canon_failed(job);
  *out = writer;
  uint64_t elements, bytes;
  npy_shape_bytes(tensor->shape, tensor->rank, tensor->dtype, &elements, &bytes); /* can_write has checked it */
  writer->sink = sink;
  writer->data = npy_compose(tensor, descr, header);
  writer->end = writer->data + bytes;
  return job->host->sink_write(job, sink, 0, header, writer->data);
}

int32_t npy_place(canon_job *job, void *self, uint64_t node, canon_extent *extent) {
  (void)job;
  (void)node; /* there is one */
  extent->offset = ((npy_writer *)self)->data;
  return CANON_OK;
}

int32_t npy_end(canon_job *job, void *self, const canon_written *written, uint64_t n_written, uint32_t written_size) {
  npy_writer *writer = self;
  (void)written;
  (void)n_written;
  (void)written_size;
  return job->host->sink_size(job, writer->sink, writer->end);
}

void npy_release(canon_job *job, void *self) { canon_free(job, self); }

/* Appends text to a pointer of POINTER_BYTES, escaped as RFC 6901 wants; 0 when it does not fit. */
static int append(char *pointer, uint64_t *at, const char *text, uint64_t size) {
  for (uint64_t i = 0; i < size; i++) {
    if (*at + 3 > POINTER_BYTES || !text[i]) return 0;
    if (text[i] != '~' && text[i] != '/') {
      pointer[(*at)++] = text[i];
      continue;
    }
    pointer[(*at)++] = '~';
    pointer[(*at)++] = text[i] == '~' ? '0' : '1';
  }
  pointer[*at] = '\0';
  return 1;
}

static int append_key(const canon_manifest *manifest, uint64_t i, char *pointer, uint64_t *at) {
  const canon_node *node = canon_manifest_node(manifest, i);
  if (*at + 2 > POINTER_BYTES) return 0;
  pointer[(*at)++] = '/';
  pointer[*at] = '\0';
  if (node->key_kind == CANON_KEY_STR) return append(pointer, at, node->key, node->key_size);
  if (node->key_kind != CANON_KEY_INDEX) return 0;
  uint64_t place = 0;
  for (uint64_t k = node->parent + 1; k < i; k++) place += canon_manifest_node(manifest, k)->parent == node->parent;
  char number[24];
  int n = snprintf(number, sizeof number, "%" PRIu64, place);
  return append(pointer, at, number, (uint64_t)n);
}

/* The JSON pointer of a node where keys are text and places in lists and all is short; else 0. */
static int pointer_to(const canon_manifest *manifest, uint64_t node, char pointer[POINTER_BYTES]) {
  uint64_t path[16], at = 0;
  uint32_t depth = 0;
  for (; node; node = canon_manifest_node(manifest, node)->parent) {
    if (depth == 16) return 0;
    path[depth++] = node;
  }
  while (depth--)
    if (!append_key(manifest, path[depth], pointer, &at)) return 0;
  return 1;
}

static const char *kind_name(uint32_t kind) {
  static const char *const NAMES[] = {"a tensor", "a dict", "a list",      "a tuple",         "a set",
                                      "None",     "a bool", "an integer",  "a float",         "a complex number",
                                      "text",     "bytes",  "a reference", "an opaque object"};
  return kind >= 1 && kind <= sizeof NAMES / sizeof NAMES[0] ? NAMES[kind - 1] : "an unknown node";
}

static int32_t refuse_tree(canon_job *job, const canon_manifest *manifest) {
  const char *kind = kind_name(canon_manifest_node(manifest, 0)->kind);
  uint64_t tensors = 0, first = 0;
  for (uint64_t i = manifest->n_nodes; i-- > 0;)
    if (canon_manifest_node(manifest, i)->kind == CANON_NODE_TENSOR) {
      tensors++;
      first = i;
    }
  if (!tensors)
    return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE,
                      "npy holds one tensor, this is %s without any; choose another format", kind);
  char pointer[POINTER_BYTES];
  if (!pointer_to(manifest, first, pointer)) snprintf(pointer, sizeof pointer, "/PATH");
  return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE,
                    "npy holds one tensor at the root, this is %s with %" PRIu64
                    " tensor%s; take one with --select %s, or choose another format",
                    kind, tensors, tensors == 1 ? "" : "s", pointer);
}
