/* SPDX-License-Identifier: MIT
 * fuzz.c: see fuzz.h. */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/host/job.h"

#define TENSOR_BYTES (UINT64_C(1) << 20) /* of a tensor that is read */
#define INPUT_BYTES (UINT64_C(16) << 20) /* of all that are read, since tensors may share bytes */

#define REQUIRE(condition)                                                          \
  do {                                                                              \
    if (condition) break;                                                           \
    fprintf(stderr, "%s:%d: broken promise: %s\n", __FILE__, __LINE__, #condition); \
    abort();                                                                        \
  } while (0)

/* The refusals that an input can earn; an option may not fit it. */
static void check_refusal(canon_job *job, int32_t code, int with_option) {
  REQUIRE(code == support_code(job));
  REQUIRE((code <= CANON_E_MALFORMED && code >= CANON_E_LIMIT) || (code == CANON_E_USAGE && with_option));
  REQUIRE(strlen(support_error(job)) > 0);
}

/* Touches every byte, so that the sanitizer sees one that is not there. */
static void touch(const void *bytes, uint64_t size) {
  REQUIRE(bytes || !size);
  for (uint64_t i = 0; i < size; i++) (void)((const volatile uint8_t *)bytes)[i];
}

static void touch_text(const char *text) {
  if (text) touch(text, strlen(text));
}

static void check_node(const canon_manifest *manifest, uint64_t i) {
  const canon_node *node = canon_manifest_node(manifest, i);
  REQUIRE(node->kind >= CANON_NODE_TENSOR && node->kind <= CANON_NODE_OPAQUE);
  REQUIRE(i ? node->parent < i : node->parent == CANON_NONE);
  REQUIRE(i ? node->key_kind >= CANON_KEY_INDEX && node->key_kind <= CANON_KEY_TUPLE : node->key_kind == 0);
  if (i) {
    uint32_t kind = canon_manifest_node(manifest, node->parent)->kind;
    REQUIRE(kind >= CANON_NODE_DICT && kind <= CANON_NODE_SET);
    REQUIRE((node->key_kind == CANON_KEY_INDEX) == (kind != CANON_NODE_DICT));
  }
  if (node->kind == CANON_NODE_REF) REQUIRE(node->target < i);
  touch(node->key, node->key_size);
  touch(node->data, node->data_size);
  touch_text(node->type);
  for (uint64_t k = 0; k < node->n_attributes; k++) {
    const char *at = (const char *)node->attributes + k * node->attribute_size;
    touch_text(((const canon_attribute *)(const void *)at)->name);
    touch_text(((const canon_attribute *)(const void *)at)->text);
  }
}

/* Bytes of the tensor's elements. */
static uint64_t check_tensor(const canon_node *node) {
  uint64_t elements, bytes;
  REQUIRE(canon_dtype_size(node->dtype) > 0);
  REQUIRE(node->rank <= CANON_MAX_RANK);
  touch(node->shape, node->rank * sizeof *node->shape);
  if (node->stride) touch(node->stride, node->rank * sizeof *node->stride);
  REQUIRE(canon_elements(node->shape, node->rank, &elements));
  REQUIRE(canon_mul(elements, canon_dtype_size(node->dtype), &bytes));
  return bytes;
}

static int32_t read_tensors(canon_job *job, const canon_format *format, void *reader, const canon_manifest *manifest) {
  uint64_t left = INPUT_BYTES;
  for (uint64_t i = 0; i < manifest->n_nodes; i++) {
    check_node(manifest, i);
    const canon_node *node = canon_manifest_node(manifest, i);
    if (node->kind != CANON_NODE_TENSOR) continue;
    uint64_t bytes = check_tensor(node);
    if (bytes > TENSOR_BYTES || bytes > left) continue;
    left -= bytes;
    uint8_t *dst = malloc(bytes); /* exactly, so that a byte too many is seen */
    REQUIRE(dst || !bytes);
    int32_t code = format->read(job, reader, i, 0, bytes / canon_dtype_size(node->dtype), dst);
    if (!code) touch(dst, bytes);
    free(dst);
    if (code) return code;
  }
  return CANON_OK;
}

static void check_manifest(const canon_manifest *manifest) {
  REQUIRE(manifest->n_nodes > 0 && manifest->node_size >= sizeof(canon_node));
  touch_text(manifest->producer);
  for (uint64_t i = 0; i < manifest->n_details; i++) {
    const char *at = (const char *)manifest->details + i * manifest->detail_size;
    touch_text(((const canon_detail *)(const void *)at)->name);
    touch_text(((const canon_detail *)(const void *)at)->text);
  }
}

void fuzz_format(const char *name, const uint8_t *bytes, size_t size, const char *option, const char *value) {
  const canon_format *format = support_format(name);
  canon_job *job = support_job();
  job_budget(job_of(job), (UINT64_C(64) << 20) + 32 * (uint64_t)size); /* what a reader gets */
  const canon_source *source = support_source(job, bytes, size);
  const canon_instance *instance = option ? support_instance(job, option, value, NULL) : NULL;
  uint32_t bits = 0;
  REQUIRE(format->probe(job, source, &bits) == CANON_OK);

  void *reader = NULL;
  canon_manifest manifest = {.struct_size = sizeof manifest, .node_size = sizeof(canon_node)};
  int32_t code = format->open(job, instance, source, &reader);
  if (!code) code = format->manifest(job, reader, &manifest);
  if (!code) {
    check_manifest(&manifest);
    code = read_tensors(job, format, reader, &manifest);
  }
  if (code) check_refusal(job, code, option != NULL);
  else REQUIRE(support_code(job) == CANON_OK);
  if (reader) format->close(job, reader);
  REQUIRE(support_leaked(job) == 0);
  support_job_free(job);
}
