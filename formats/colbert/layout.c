/* SPDX-License-Identifier: MIT
 * layout.c: what the folder will hold, before any of it exists. With --coalesce all chunks go into one: their tensors
 * follow each other in the same file. */
#include <stdlib.h>
#include <string.h>

#include "formats/colbert/writer.h"

uint64_t colbert_rows_of(const colbert_writer *writer, uint64_t chunk) {
  return writer->coalesce ? writer->index.num_embeddings : writer->index.chunk[chunk].num_embeddings;
}

static const canon_node *node_of(const colbert_writer *writer, uint64_t node) {
  return canon_manifest_node(writer->manifest, node);
}

static canon_node plain_tensor(const canon_node *from, uint64_t parent) {
  canon_node node = {.kind = CANON_NODE_TENSOR,
                     .parent = parent,
                     .key_kind = parent == CANON_NONE ? CANON_KEY_NONE_AT_ROOT : CANON_KEY_INDEX};
  node.dtype = from->dtype;
  node.rank = from->rank;
  node.shape = from->shape;
  node.storage = node.offset = CANON_NONE;
  return node;
}

/* A file of the tensors a and, where it is not CANON_NONE, b. */
static colbert_output *add_output(colbert_writer *writer, colbert_role role, uint64_t chunk, uint64_t a, uint64_t b) {
  colbert_output *output = &writer->outputs[writer->n_outputs++];
  colbert_name(role, chunk, output->name);
  output->n_tensors = b == CANON_NONE ? 1 : 2;
  if (b == CANON_NONE) {
    output->nodes[0] = plain_tensor(node_of(writer, a), CANON_NONE);
  } else {
    output->nodes[0] = (canon_node){.kind = CANON_NODE_TUPLE, .parent = CANON_NONE};
    output->nodes[1] = plain_tensor(node_of(writer, a), 0);
    output->nodes[2] = plain_tensor(node_of(writer, b), 0);
  }
  output->manifest = (canon_manifest){.struct_size = sizeof output->manifest,
                                      .node_size = sizeof(canon_node),
                                      .nodes = output->nodes,
                                      .n_nodes = b == CANON_NONE ? 1 : 3,
                                      .detail_size = sizeof(canon_detail)};
  return output;
}

static uint64_t bytes_of(const canon_node *node) {
  uint64_t elements = 0;
  canon_elements(node->shape, node->rank, &elements); /* the host has checked it */
  return elements * canon_dtype_size(node->dtype);
}

static void add_slot(colbert_writer *writer, uint64_t node, colbert_output *output, uint64_t tensor, uint64_t first) {
  writer->slots[writer->n_slots++] =
      (colbert_slot){.node = node,
                     .bytes = bytes_of(node_of(writer, node)),
                     .kind = node == writer->index.lengths ? COLBERT_LENGTHS : COLBERT_PLACED,
                     .output = output,
                     .tensor = tensor,
                     .first = first};
}

static void add_pair(colbert_writer *writer, colbert_role role, uint64_t a, uint64_t b) {
  colbert_output *output = add_output(writer, role, 0, a, b);
  add_slot(writer, a, output, 0, 0);
  if (b != CANON_NONE) add_slot(writer, b, output, 1, 0);
}

/* The files of a chunk, with as many rows as all the chunks have that go into it. */
static void add_chunk_outputs(colbert_writer *writer, uint64_t chunk) {
  static const colbert_role ROLES[] = {COLBERT_CODES, COLBERT_RESIDUALS};
  for (int i = 0; i < 2; i++) {
    uint64_t node = i ? writer->index.chunk[chunk].residuals : writer->index.chunk[chunk].codes;
    colbert_output *output = add_output(writer, ROLES[i], chunk, node, CANON_NONE);
    memcpy(output->shape, node_of(writer, node)->shape, (i + 1u) * sizeof *output->shape);
    output->shape[0] = colbert_rows_of(writer, chunk);
    output->nodes[0].shape = output->shape;
  }
}

static void add_chunk(colbert_writer *writer, uint64_t chunk) {
  const colbert_chunk *from = &writer->index.chunk[chunk];
  uint64_t to = writer->coalesce ? 0 : chunk, before = writer->coalesce ? from->embedding_offset : 0;
  if (to == chunk) add_chunk_outputs(writer, chunk);
  colbert_output *codes = &writer->outputs[4 + 2 * to], *residuals = codes + 1;
  add_slot(writer, from->codes, codes, 0, before * canon_dtype_size(CANON_I32));
  add_slot(writer, from->residuals, residuals, 0, before * residuals->shape[1]);
  writer->slots[writer->n_slots++] = (colbert_slot){.node = from->doclens,
                                                    .bytes = bytes_of(node_of(writer, from->doclens)),
                                                    .kind = COLBERT_NUMBERS,
                                                    .list = &writer->lists[to]};
}

/* A name that no file of an index has, nor would have in another index. */
static int32_t check_file_name(canon_job *job, const canon_node *node) {
  const char *name = node->key;
  uint64_t chunk;
  int is_text = node->key_kind == CANON_KEY_STR && node->key_size && !memchr(name, 0, node->key_size),
      is_name = is_text && !memchr(name, '/', node->key_size);
  char whole[COLBERT_NAME_BYTES];
  if (is_name && node->key_size < sizeof whole) {
    snprintf(whole, sizeof whole, "%.*s", (int)node->key_size, name);
    is_name = strcmp(whole, ".") && strcmp(whole, "..") && strcmp(whole, COLBERT_OLD_IVF) &&
              colbert_role_of(whole, &chunk) == COLBERT_ROLES;
  }
  if (is_name) return CANON_OK;
  return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE,
                    "/files/%.*s can be no file beside those of an index; leave it out: --exclude PATH",
                    is_text ? (int)(node->key_size < 100 ? node->key_size : 100) : 1, is_text ? name : "?");
}

static int32_t add_file(canon_job *job, colbert_writer *writer, uint64_t i) {
  const canon_node *node = node_of(writer, i);
  colbert_file *file = &writer->files[writer->n_files++];
  int32_t code = check_file_name(job, node);
  file->name = code ? NULL : arena_text(job, &writer->memory, node->key, node->key_size);
  if (!file->name) return canon_failed(job);
  file->bytes = bytes_of(node);
  writer->slots[writer->n_slots++] =
      (colbert_slot){.node = i, .bytes = file->bytes, .kind = COLBERT_WHOLE, .file = file};
  return CANON_OK;
}

static uint64_t count_files(const colbert_writer *writer) {
  uint64_t n = 0, files = writer->index.files;
  for (uint64_t i = 0; files != CANON_NONE && i < writer->manifest->n_nodes; i++)
    n += node_of(writer, i)->parent == files;
  return n;
}

static int by_node(const void *a, const void *b) {
  uint64_t x = ((const colbert_slot *)a)->node, y = ((const colbert_slot *)b)->node;
  return (x > y) - (x < y);
}

/* By the nodes that the host knows. */
static void sort_slots(colbert_writer *writer) {
  for (uint64_t i = 0; writer->origin && i < writer->n_slots; i++)
    writer->slots[i].node = writer->origin[writer->slots[i].node];
  qsort(writer->slots, writer->n_slots, sizeof *writer->slots, by_node);
}

/* A flat dict of names becomes the tree that it was made of. */
static int32_t take_tree(canon_job *job, const canon_manifest *manifest, colbert_writer *writer) {
  uint64_t *origin;
  int32_t code = colbert_unflatten(job, manifest, &writer->tree, &origin);
  writer->origin = origin;
  writer->manifest = manifest;
  if (code || !origin) return code;
  writer->deep = *manifest;
  writer->deep.node_size = sizeof *writer->tree.nodes;
  writer->deep.nodes = writer->tree.nodes;
  writer->deep.n_nodes = writer->tree.n_nodes;
  writer->manifest = &writer->deep;
  return CANON_OK;
}

static int32_t take_memory(canon_job *job, colbert_writer *writer) {
  uint64_t n = writer->index.n_chunks, n_files = count_files(writer);
  writer->outputs = arena_alloc(job, &writer->memory, (4 + 2 * n) * sizeof *writer->outputs);
  writer->lists = arena_alloc(job, &writer->memory, (n + 1) * sizeof *writer->lists);
  writer->slots = arena_alloc(job, &writer->memory, (6 + 3 * n + n_files) * sizeof *writer->slots);
  writer->files = arena_alloc(job, &writer->memory, (n_files + 1) * sizeof *writer->files);
  return writer->outputs && writer->lists && writer->slots && writer->files ? CANON_OK : canon_failed(job);
}

int32_t colbert_layout(canon_job *job, const canon_instance *instance, const canon_manifest *manifest,
                       colbert_writer *writer) {
  colbert_index *index = &writer->index;
  if (job->host->param(job, instance, "buckets"))
    return canon_fail(
        job, CANON_E_USAGE, CANON_NONE,
        "--buckets is for reading: an index holds packed residuals; leave it out, or write another format");
  writer->lengths_at = CANON_NONE;
  int32_t code = take_tree(job, manifest, writer);
  manifest = writer->manifest;
  if (!code) code = colbert_index_take(job, &writer->memory, CANON_E_UNSUPPORTED, manifest, index);
  if (!code && index->n_chunks == 0)
    code = canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE, "/chunks is empty, an index has at least one");
  if (!code) code = colbert_index_check(job, CANON_E_UNSUPPORTED, manifest, index);
  if (!code) code = take_memory(job, writer);
  if (code) return code;
  writer->coalesce = job->host->param(job, instance, "coalesce") != NULL;
  writer->n_chunks = writer->coalesce ? 1 : index->n_chunks;
  writer->text = (colbert_text){manifest, job->host->param(job, instance, "drop-run") != NULL, writer->coalesce};
  add_pair(writer, COLBERT_AVG_RESIDUAL, index->avg_residual, CANON_NONE);
  add_pair(writer, COLBERT_BUCKETS, index->bucket_cutoffs, index->bucket_weights);
  add_pair(writer, COLBERT_CENTROIDS, index->centroids, CANON_NONE);
  add_pair(writer, COLBERT_IVF, index->pids, index->lengths);
  for (uint64_t i = 0; i < index->n_chunks; i++) add_chunk(writer, i);
  for (uint64_t i = 0; !code && index->files != CANON_NONE && i < manifest->n_nodes; i++)
    if (node_of(writer, i)->parent == index->files) code = add_file(job, writer, i);
  if (!code) sort_slots(writer);
  return code;
}

colbert_slot *colbert_slot_of(const colbert_writer *writer, uint64_t node) {
  uint64_t low = 0, high = writer->n_slots;
  while (low < high) {
    uint64_t middle = low + (high - low) / 2;
    if (writer->slots[middle].node < node) low = middle + 1;
    else high = middle;
  }
  return low < writer->n_slots && writer->slots[low].node == node ? &writer->slots[low] : NULL;
}
