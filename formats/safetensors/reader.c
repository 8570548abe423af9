/* SPDX-License-Identifier: MIT
 * reader.c: an open safetensors file: its manifest, and the elements of its tensors. */
#include <string.h>

#include "formats/common/elements.h"
#include "formats/safetensors/safetensors.h"

/* A length that fits, of which the upper five bytes are 0, and JSON behind it. */
int32_t safetensors_probe(canon_job *job, const canon_source *source, uint32_t *bits) {
  enum { LENGTH_BITS = 37, BRACE_BITS = 8, QUOTE_BITS = 8, END_BITS = 8 };
  uint64_t whole = job->host->source_size(job, source);
  uint8_t head[10], last;
  *bits = 0;
  if (whole < sizeof head) return CANON_OK;
  int32_t code = job->host->source_read(job, source, 0, head, sizeof head);
  if (code) return code;
  uint64_t size = canon_load_le64(head);
  if (size < 2 || size > SAFETENSORS_MOST_HEADER || size > whole - 8 || head[8] != '{') return CANON_OK;
  *bits = LENGTH_BITS + BRACE_BITS;
  if (head[9] == '"' || head[9] == '}') *bits += QUOTE_BITS;
  code = job->host->source_read(job, source, 8 + size - 1, &last, 1);
  if (last == '}' || last == ' ') *bits += END_BITS;
  return code;
}

int32_t safetensors_open(canon_job *job, const canon_instance *instance, const canon_source *source, void **out) {
  (void)instance;
  safetensors_reader *reader = canon_alloc(job, sizeof *reader);
  if (!reader) return canon_failed(job);
  *out = reader;
  reader->source = source;
  return safetensors_header_read(job, reader);
}

int32_t safetensors_manifest(canon_job *job, void *self, canon_manifest *manifest) {
  safetensors_reader *reader = self;
  (void)job;
  reader->details[0] = (canon_detail){"header_bytes", NULL, (int64_t)reader->header_bytes};
  reader->details[1] = (canon_detail){"metadata_format", reader->format, 0};
  manifest->node_size = sizeof(canon_node);
  manifest->nodes = reader->nodes;
  manifest->n_nodes = reader->n_nodes;
  manifest->details = reader->details;
  manifest->n_details = reader->format ? 2 : 1;
  manifest->detail_size = sizeof(canon_detail);
  return CANON_OK;
}

int32_t safetensors_read(canon_job *job, void *self, uint64_t node, uint64_t first, uint64_t count, void *dst) {
  const safetensors_reader *reader = self;
  const canon_node *tensor = node < reader->n_nodes ? &reader->nodes[node] : NULL;
  uint64_t elements = 0;
  int is_tensor = tensor && tensor->kind == CANON_NODE_TENSOR;
  if (is_tensor) canon_elements(tensor->shape, tensor->rank, &elements); /* the header was checked */
  if (!is_tensor || first > elements || count > elements - first)
    return canon_fail(job, CANON_E_USAGE, CANON_NONE,
                      "%" PRIu64 " elements from %" PRIu64 " of node %" PRIu64 ", which has %" PRIu64, count, first,
                      node, elements);
  if (!count) return CANON_OK;
  uint64_t size = canon_dtype_size(tensor->dtype), offset = tensor->offset + first * size;
  int32_t code = job->host->source_read(job, reader->source, offset, dst, count * size);
  if (code) return code;
  elements_to_machine(tensor->dtype, 0, dst, count * size);
  uint64_t odd = tensor->dtype == CANON_BOOL ? elements_odd_bool(dst, count) : count;
  if (odd == count) return CANON_OK;
  return canon_fail(job, CANON_E_MALFORMED, offset + odd, "element %" PRIu64 " of a bool tensor is %u, neither 0 nor 1",
                    first + odd, ((const uint8_t *)dst)[odd]);
}

void safetensors_close(canon_job *job, void *self) {
  safetensors_reader *reader = self;
  arena_free(job, &reader->memory);
  canon_free(job, reader->nodes);
  canon_free(job, reader->entries);
  canon_free(job, reader);
}
