/* SPDX-License-Identifier: MIT
 * writer.c: canonical msgpack. All sizes are known, so begin() writes everything but tensors' bytes and notes their
 * places. How each dialect lays out its arrays is drawn in numpy.c and flax.c. */
#include "formats/msgpack/writer.h"

#include <stdlib.h>
#include <string.h>

#include "formats/msgpack/msgpack.h"

enum { EXT_ARRAY = 1, EXT_COMPLEX = 2, COMPLEX_BYTES = 19 };

typedef struct layout {
  canon_job *job;
  const canon_manifest *manifest;
  msgpack_writer *writer;
  msgpack_pack pack;
  uint32_t dialect;
  uint64_t chunk_bytes;
  uint64_t *children; /* of each node */
  uint8_t *in_lists;
  uint64_t tuples;
} layout;

static double load_double(const void *bytes) {
  uint64_t bits = canon_load_le64(bytes);
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/* The places of a tensor's chunks, to be filled in. chunk: bytes of each but the last. */
static uint64_t *add_slot(layout *l, uint64_t node, uint64_t chunk, uint64_t chunks) {
  uint64_t element = canon_dtype_size(canon_manifest_node(l->manifest, node)->dtype);
  uint64_t *offsets = arena_alloc(l->job, &l->writer->memory, chunks * sizeof *offsets);
  if (offsets) l->writer->slots[l->writer->n_slots++] = (msgpack_slot){node, element, chunk, chunks, offsets};
  return offsets;
}

/* Returns where the elements go. */
static uint64_t put_numpy(msgpack_pack *pack, const canon_node *node, uint64_t bytes) {
  msgpack_put_map(pack, 5);
  msgpack_put_key(pack, "nd");
  msgpack_put_bool(pack, 1);
  msgpack_put_key(pack, "type");
  msgpack_put_word(pack, msgpack_descr_of(node->dtype));
  msgpack_put_key(pack, "kind");
  msgpack_put_bin(pack, "", 0);
  msgpack_put_key(pack, "shape");
  msgpack_put_array(pack, node->rank);
  for (uint32_t k = 0; k < node->rank; k++) msgpack_put_integer(pack, 0, node->shape[k]);
  msgpack_put_key(pack, "data");
  msgpack_put_bin_header(pack, bytes);
  return msgpack_put_gap(pack, bytes);
}

/* Everything of flax's ext but the elements. */
static void put_flax_header(msgpack_pack *pack, uint32_t dtype, const uint64_t *shape, uint32_t rank, uint64_t bytes) {
  msgpack_put_array(pack, 3);
  msgpack_put_array(pack, rank);
  for (uint32_t k = 0; k < rank; k++) msgpack_put_integer(pack, 0, shape[k]);
  msgpack_put_word(pack, msgpack_name_of(dtype));
  msgpack_put_bin_header(pack, bytes);
}

/* Returns where the elements go. */
static uint64_t put_flax(msgpack_pack *pack, uint32_t dtype, const uint64_t *shape, uint32_t rank, uint64_t bytes) {
  msgpack_pack inner = {.sink = NULL};
  put_flax_header(&inner, dtype, shape, rank, bytes);
  msgpack_put_ext_header(pack, EXT_ARRAY, inner.at + bytes);
  put_flax_header(pack, dtype, shape, rank, bytes);
  return msgpack_put_gap(pack, bytes);
}

static void put_number_key(msgpack_pack *pack, uint64_t i) {
  char text[24];
  msgpack_put_str(pack, text, (uint64_t)snprintf(text, sizeof text, "%" PRIu64, i));
}

static int32_t put_chunks(layout *l, uint64_t i, const canon_node *node, uint64_t bytes) {
  msgpack_pack *pack = &l->pack;
  uint64_t size = canon_dtype_size(node->dtype), chunk = l->chunk_bytes / size * size;
  uint64_t chunks = bytes / chunk + (bytes % chunk != 0);
  uint64_t *offsets = add_slot(l, i, chunk, chunks);
  if (!offsets) return canon_failed(l->job);
  msgpack_put_map(pack, 3);
  msgpack_put_word(pack, MSGPACK_CHUNKS);
  msgpack_put_bool(pack, 1);
  msgpack_put_word(pack, "shape");
  msgpack_put_map(pack, node->rank);
  for (uint32_t k = 0; k < node->rank; k++) {
    put_number_key(pack, k);
    msgpack_put_integer(pack, 0, node->shape[k]);
  }
  msgpack_put_word(pack, "chunks");
  msgpack_put_map(pack, chunks);
  for (uint64_t k = 0; k < chunks; k++) {
    uint64_t here = k + 1 < chunks ? chunk : bytes - k * chunk, elements = here / size;
    put_number_key(pack, k);
    offsets[k] = put_flax(pack, node->dtype, &elements, 1, here);
  }
  return CANON_OK;
}

static int32_t put_tensor(layout *l, uint64_t i, const canon_node *node) {
  uint64_t bytes = msgpack_tensor_bytes(node);
  int is_flax = l->dialect == MSGPACK_FLAX;
  if (is_flax && bytes > l->chunk_bytes && !l->in_lists[i]) return put_chunks(l, i, node, bytes);
  uint64_t *offset = add_slot(l, i, bytes, 1);
  if (!offset) return canon_failed(l->job);
  *offset =
      is_flax ? put_flax(&l->pack, node->dtype, node->shape, node->rank, bytes) : put_numpy(&l->pack, node, bytes);
  return CANON_OK;
}

static void put_complex(layout *l, const canon_node *node) {
  double value[2] = {load_double(node->data), load_double((const uint8_t *)node->data + 8)};
  if (l->dialect == MSGPACK_NUMPY) {
    char text[2 * MSGPACK_FLOAT_TEXT];
    msgpack_put_map(&l->pack, 2);
    msgpack_put_key(&l->pack, "complex");
    msgpack_put_bool(&l->pack, 1);
    msgpack_put_key(&l->pack, "data");
    msgpack_put_str(&l->pack, text, msgpack_complex_print(value, text));
  } else {
    msgpack_put_ext_header(&l->pack, EXT_COMPLEX, COMPLEX_BYTES);
    msgpack_put_array(&l->pack, 2);
    msgpack_put_float(&l->pack, value[0]);
    msgpack_put_float(&l->pack, value[1]);
  }
}

static void put_integer(msgpack_pack *pack, const void *bytes, uint64_t size) {
  int is_negative = 0;
  uint64_t integer = 0;
  msgpack_integer(bytes, size, &is_negative, &integer);
  msgpack_put_integer(pack, is_negative, integer);
}

static void put_key(msgpack_pack *pack, const canon_node *node) {
  switch (node->key_kind) {
    case CANON_KEY_STR: msgpack_put_str(pack, node->key, node->key_size); break;
    case CANON_KEY_BYTES: msgpack_put_bin(pack, node->key, node->key_size); break;
    case CANON_KEY_INT: put_integer(pack, node->key, node->key_size); break;
    case CANON_KEY_BOOL: msgpack_put_bool(pack, *(const uint8_t *)node->key); break;
    case CANON_KEY_NONE: msgpack_put_nil(pack); break;
    case CANON_KEY_FLOAT: msgpack_put_float(pack, load_double(node->key)); break;
    default: break; /* an item of a list, or the root */
  }
}

static int32_t put_node(layout *l, uint64_t i) {
  const canon_node *node = canon_manifest_node(l->manifest, i);
  msgpack_pack *pack = &l->pack;
  put_key(pack, node);
  switch (node->kind) {
    case CANON_NODE_TENSOR: return put_tensor(l, i, node);
    case CANON_NODE_DICT: msgpack_put_map(pack, l->children[i]); break;
    case CANON_NODE_TUPLE: l->tuples++; /* fallthrough */
    case CANON_NODE_LIST: msgpack_put_array(pack, l->children[i]); break;
    case CANON_NODE_BOOL: msgpack_put_bool(pack, *(const uint8_t *)node->data); break;
    case CANON_NODE_INT: put_integer(pack, node->data, node->data_size); break;
    case CANON_NODE_FLOAT: msgpack_put_float(pack, load_double(node->data)); break;
    case CANON_NODE_COMPLEX: put_complex(l, node); break;
    case CANON_NODE_STR: msgpack_put_str(pack, node->data, node->data_size); break;
    case CANON_NODE_BYTES: msgpack_put_bin(pack, node->data, node->data_size); break;
    default: msgpack_put_nil(pack); break;
  }
  return CANON_OK;
}

static int32_t put_nodes(layout *l) {
  const canon_manifest *manifest = l->manifest;
  uint64_t tensors = 0;
  for (uint64_t i = 0; i < manifest->n_nodes; i++)
    tensors += canon_manifest_node(manifest, i)->kind == CANON_NODE_TENSOR;
  l->children = canon_alloc(l->job, manifest->n_nodes * sizeof *l->children);
  l->in_lists = msgpack_in_lists(l->job, manifest);
  l->writer->slots = canon_alloc(l->job, (tensors + 1) * sizeof *l->writer->slots);
  if (!l->children || !l->in_lists || !l->writer->slots) return canon_failed(l->job);
  for (uint64_t i = 1; i < manifest->n_nodes; i++) l->children[canon_manifest_node(manifest, i)->parent]++;
  int32_t code = CANON_OK;
  for (uint64_t i = 0; !code && i < manifest->n_nodes; i++) code = put_node(l, i);
  if (!code) code = msgpack_pack_finish(&l->pack);
  l->writer->end = l->pack.at;
  if (l->tuples) l->job->host->count(l->job, "tuple written as array", l->tuples);
  return code;
}

int32_t msgpack_begin_chunked(canon_job *job, const canon_instance *instance, const canon_manifest *manifest,
                              canon_sink *sink, uint64_t chunk_bytes, void **out) {
  layout l = {.job = job, .manifest = manifest, .chunk_bytes = chunk_bytes, .pack = {.job = job, .sink = sink}};
  int32_t code = msgpack_dialect(job, instance, &l.dialect);
  if (code) return code;
  l.writer = canon_alloc(job, sizeof *l.writer);
  if (!l.writer) return canon_failed(job);
  *out = l.writer;
  l.writer->sink = sink;
  code = put_nodes(&l);
  canon_free(job, l.children);
  canon_free(job, l.in_lists);
  return code;
}

int32_t msgpack_begin(canon_job *job, const canon_instance *instance, const canon_manifest *manifest, canon_sink *sink,
                      void **writer) {
  return msgpack_begin_chunked(job, instance, manifest, sink, MSGPACK_CHUNK_BYTES, writer);
}

static int compare_nodes(const void *node, const void *slot) {
  uint64_t a = *(const uint64_t *)node, b = ((const msgpack_slot *)slot)->node;
  return a < b ? -1 : a > b;
}

static const msgpack_slot *find_slot(const msgpack_writer *writer, uint64_t node) {
  return bsearch(&node, writer->slots, writer->n_slots, sizeof *writer->slots, compare_nodes);
}

/* Chunks lie apart: those come through write(). */
int32_t msgpack_place(canon_job *job, void *self, uint64_t node, canon_extent *extent) {
  const msgpack_slot *slot = find_slot(self, node);
  (void)job;
  extent->offset = slot->chunks == 1 ? slot->offsets[0] : CANON_NONE;
  return CANON_OK;
}

int32_t msgpack_write(canon_job *job, void *self, uint64_t node, uint64_t first, uint64_t count, const void *src) {
  msgpack_writer *writer = self;
  const msgpack_slot *slot = find_slot(writer, node);
  const uint8_t *at = src;
  uint64_t byte = first * slot->element, left = count * slot->element;
  int32_t code = CANON_OK;
  while (!code && left) {
    uint64_t within = byte % slot->chunk, here = slot->chunk - within < left ? slot->chunk - within : left;
    code = job->host->sink_write(job, writer->sink, slot->offsets[byte / slot->chunk] + within, at, here);
    at += here;
    byte += here;
    left -= here;
  }
  return code;
}

int32_t msgpack_end(canon_job *job, void *self, const canon_written *written, uint64_t n_written,
                    uint32_t written_size) {
  msgpack_writer *writer = self;
  (void)written;
  (void)n_written;
  (void)written_size;
  return job->host->sink_size(job, writer->sink, writer->end);
}

void msgpack_release(canon_job *job, void *self) {
  msgpack_writer *writer = self;
  arena_free(job, &writer->memory);
  canon_free(job, writer->slots);
  canon_free(job, writer);
}
