/* SPDX-License-Identifier: MIT
 * reader.c: an open msgpack file: its manifest, and the elements of its tensors in the machine's byte order. */
#include <stdlib.h>
#include <string.h>

#include "formats/common/elements.h"
#include "formats/msgpack/msgpack.h"

static void describe(msgpack_reader *reader) {
  reader->details[reader->n_details++] = (canon_detail){"objects", NULL, (int64_t)reader->objects};
  if (reader->of_numpy)
    reader->details[reader->n_details++] = (canon_detail){"msgpack_numpy_values", NULL, (int64_t)reader->of_numpy};
  if (reader->of_flax)
    reader->details[reader->n_details++] = (canon_detail){"flax_values", NULL, (int64_t)reader->of_flax};
}

int32_t msgpack_open(canon_job *job, const canon_instance *instance, const canon_source *source, void **out) {
  (void)instance;
  msgpack_reader *reader = canon_alloc(job, sizeof *reader);
  if (!reader) return canon_failed(job);
  *out = reader;
  reader->source = source;
  msgpack_window *window = msgpack_window_open(job, source, UINT64_MAX);
  if (!window) return canon_failed(job);
  int32_t code = msgpack_tree_build(job, reader, window);
  canon_free(job, window);
  if (code) return code;
  describe(reader);
  if (reader->objects > 1) job->host->count(job, "object of a stream read as an item of a list", reader->objects);
  return CANON_OK;
}

int32_t msgpack_manifest(canon_job *job, void *self, canon_manifest *manifest) {
  msgpack_reader *reader = self;
  (void)job;
  manifest->node_size = sizeof(canon_node);
  manifest->nodes = reader->nodes;
  manifest->n_nodes = reader->n_nodes;
  if (!reader->of_numpy != !reader->of_flax) manifest->producer = reader->of_numpy ? "msgpack-numpy" : "flax";
  manifest->details = reader->details;
  manifest->n_details = reader->n_details;
  manifest->detail_size = sizeof(canon_detail);
  return CANON_OK;
}

static int32_t check_bools(canon_job *job, uint64_t offset, uint64_t count, const uint8_t *values) {
  uint64_t odd = elements_odd_bool(values, count);
  if (odd == count) return CANON_OK;
  return canon_fail(job, CANON_E_MALFORMED, offset + odd, "an element of a bool array is %u, neither 0 nor 1",
                    values[odd]);
}

/* The last piece that begins at or before an element. */
static uint64_t piece_of(const msgpack_tensor *tensor, uint64_t element) {
  uint64_t low = 0, high = tensor->n_pieces;
  while (high - low > 1) {
    uint64_t middle = low + (high - low) / 2;
    if (tensor->pieces[middle].first <= element) low = middle;
    else high = middle;
  }
  return low;
}

static int32_t read_elements(canon_job *job, const msgpack_reader *reader, const msgpack_tensor *tensor, uint64_t first,
                             uint64_t count, uint8_t *dst) {
  uint32_t size = canon_dtype_size(tensor->dtype);
  for (uint64_t i = count ? piece_of(tensor, first) : 0; count; i++) {
    const msgpack_piece *piece = &tensor->pieces[i];
    uint64_t end = i + 1 < tensor->n_pieces ? piece[1].first : tensor->elements;
    uint64_t here = end - first < count ? end - first : count, offset = piece->offset + (first - piece->first) * size;
    int32_t code = job->host->source_read(job, reader->source, offset, dst, here * size);
    if (!code && tensor->dtype == CANON_BOOL) code = check_bools(job, offset, here, dst);
    if (code) return code;
    dst += here * size;
    first += here;
    count -= here;
  }
  return CANON_OK;
}

static int compare_nodes(const void *node, const void *tensor) {
  uint64_t a = *(const uint64_t *)node, b = ((const msgpack_tensor *)tensor)->node;
  return a < b ? -1 : a > b;
}

int32_t msgpack_read(canon_job *job, void *self, uint64_t node, uint64_t first, uint64_t count, void *dst) {
  const msgpack_reader *reader = self;
  const msgpack_tensor *tensor =
      reader->n_tensors ? bsearch(&node, reader->tensors, reader->n_tensors, sizeof *tensor, compare_nodes) : NULL;
  if (!tensor || first > tensor->elements || count > tensor->elements - first)
    return canon_fail(job, CANON_E_USAGE, CANON_NONE,
                      "%" PRIu64 " elements from %" PRIu64 " of node %" PRIu64 ", which has %" PRIu64, count, first,
                      node, tensor ? tensor->elements : 0);
  int32_t code = read_elements(job, reader, tensor, first, count, dst);
  if (!code) elements_to_machine(tensor->dtype, (int)tensor->big_endian, dst, count * canon_dtype_size(tensor->dtype));
  return code;
}

void msgpack_close(canon_job *job, void *self) {
  msgpack_reader *reader = self;
  arena_free(job, &reader->memory);
  canon_free(job, reader->nodes);
  canon_free(job, reader->tensors);
  canon_free(job, reader);
}
