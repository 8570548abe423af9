/* SPDX-License-Identifier: MIT
 * reader.c: a folder as the tree of an index. What the files tell of each other is held against the others here, before
 * anybody is given a number. Threads: after open nothing changes; parts may be read from any thread. */
#include <string.h>

#include "formats/colbert/colbert.h"

enum { MOST_DETAILS = 12, PIECE = 1 << 13 };

/* A tensor of the tree, and where its elements are. */
typedef struct tensor {
  uint64_t node, elements;
  canon_part *part; /* NULL: doclens, or a file as it is */
  uint64_t part_node;
  uint64_t nbits;   /* residuals that are read as numbers of buckets: of each; else 0 */
  uint64_t padding; /* elements of the part behind the last one, all 0 */
  const uint32_t *doclens;
  const canon_source *file;
} tensor;

typedef struct colbert_reader {
  colbert_tree tree;
  tensor *tensors; /* by node */
  uint64_t n_tensors, tensors_capacity;
  colbert_members members;
  colbert_doclens *doclens; /* one a chunk */
  colbert_index index;
  const char *producer;
  uint64_t codes_offset, residuals_offset; /* of the last chunk, in their files */
  canon_detail details[MOST_DETAILS];
  uint64_t n_details;
} colbert_reader;

/* The tree */

static int32_t add_container(canon_job *job, colbert_reader *reader, uint64_t parent, const char *key, uint32_t kind,
                             uint64_t *node) {
  *node = colbert_tree_add(job, &reader->tree, parent, key, &(canon_node){.kind = kind});
  return *node == CANON_NONE ? canon_failed(job) : CANON_OK;
}

static int32_t add_tensor(canon_job *job, colbert_reader *reader, uint64_t parent, const char *key,
                          const canon_node *node, const tensor *what) {
  if (reader->n_tensors == reader->tensors_capacity) {
    uint64_t capacity = reader->tensors_capacity ? 2 * reader->tensors_capacity : 16;
    tensor *tensors = canon_resize(job, reader->tensors, capacity * sizeof *tensors);
    if (!tensors) return canon_failed(job);
    reader->tensors = tensors;
    reader->tensors_capacity = capacity;
  }
  tensor *added = &reader->tensors[reader->n_tensors];
  *added = *what;
  added->node = colbert_tree_add(job, &reader->tree, parent, key, node);
  if (added->node == CANON_NONE) return canon_failed(job);
  if (!canon_elements(node->shape, node->rank, &added->elements))
    added->elements = 0; /* the part's manifest was checked */
  reader->n_tensors++;
  return CANON_OK;
}

/* Tensor number i of a .pt file, where one tensor (n 1) or a tuple of n of them must be. */
static int32_t part_tensor(canon_job *job, const char *name, const canon_manifest *manifest, uint64_t i, uint64_t n,
                           uint64_t *node) {
  const canon_node *root = canon_manifest_node(manifest, 0);
  uint64_t items = n == 1 ? 1 : manifest->n_nodes - 1;
  int fits = n == 1 ? manifest->n_nodes == 1 : root->kind == CANON_NODE_TUPLE || root->kind == CANON_NODE_LIST;
  *node = n == 1 ? 0 : 1 + i;
  if (!fits || items != n || canon_manifest_node(manifest, *node)->kind != CANON_NODE_TENSOR)
    return canon_fail(job, CANON_E_MALFORMED, CANON_NONE, "%s holds %" PRIu64 " nodes, not %s", name, manifest->n_nodes,
                      n == 1 ? "one tensor" : "two tensors");
  return CANON_OK;
}

/* Views with more elements than are stored would cost time that no file has paid for. */
static int32_t check_stored(canon_job *job, const char *name, const canon_node *node, uint64_t file_bytes) {
  uint64_t bytes, stored = node->storage_bytes > file_bytes ? node->storage_bytes : file_bytes;
  if (!canon_elements(node->shape, node->rank, &bytes) || !canon_mul(bytes, canon_dtype_size(node->dtype), &bytes))
    bytes = UINT64_MAX;
  if (bytes <= stored) return CANON_OK;
  return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE,
                    "%s: a tensor of %" PRIu64 " bytes, of which %" PRIu64 " are stored; ColBERT writes no such views",
                    name, bytes, stored);
}

static int32_t open_part(canon_job *job, colbert_reader *reader, colbert_role role, uint64_t chunk, canon_part **part,
                         canon_manifest *manifest, uint64_t *file_bytes) {
  const canon_source *member;
  char name[COLBERT_NAME_BYTES];
  *manifest = (canon_manifest){.struct_size = sizeof *manifest};
  int32_t code = colbert_members_open(job, &reader->members, role, chunk, &member);
  if (!code) code = job->host->part_open(job, member, part, manifest);
  if (code) return code;
  *file_bytes = job->host->source_size(job, member);
  if (*part && manifest->n_nodes && manifest->node_size == sizeof(canon_node)) return CANON_OK;
  return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE,
                    "%s is no file that canon reads; it is damaged, or its format is not loaded",
                    colbert_name(role, chunk, name));
}

/* The tensors of a file under these keys. */
static int32_t add_part(canon_job *job, colbert_reader *reader, colbert_role role, uint64_t chunk, uint64_t parent,
                        const char *const keys[], uint64_t n) {
  canon_part *part = NULL;
  canon_manifest manifest;
  char name[COLBERT_NAME_BYTES];
  uint64_t from, bytes = 0;
  int32_t code = open_part(job, reader, role, chunk, &part, &manifest, &bytes);
  colbert_name(role, chunk, name);
  for (uint64_t i = 0; !code && i < n; i++) {
    code = part_tensor(job, name, &manifest, i, n, &from);
    if (code) return code;
    canon_node node = *canon_manifest_node(&manifest, from);
    code = check_stored(job, name, &node, bytes);
    if (role == COLBERT_CODES) reader->codes_offset = node.offset;
    if (role == COLBERT_RESIDUALS) reader->residuals_offset = node.offset;
    if (role == COLBERT_CENTROIDS) reader->producer = manifest.producer;
    node.storage = node.offset = CANON_NONE; /* they count in their own file */
    if (!code) code = add_tensor(job, reader, parent, keys[i], &node, &(tensor){.part = part, .part_node = from});
  }
  return code;
}

static int32_t add_json(canon_job *job, colbert_reader *reader, colbert_role role, uint64_t chunk, uint64_t parent,
                        const char *key) {
  const canon_source *member;
  int32_t code = colbert_members_open(job, &reader->members, role, chunk, &member);
  return code ? code : colbert_tree_add_json(job, &reader->tree, parent, key, member);
}

static int32_t add_doclens(canon_job *job, colbert_reader *reader, uint64_t chunk, uint64_t parent) {
  const canon_source *member;
  colbert_doclens *doclens = &reader->doclens[chunk];
  int32_t code = colbert_members_open(job, &reader->members, COLBERT_DOCLENS, chunk, &member);
  if (!code) code = colbert_doclens_read(job, member, doclens);
  uint64_t *shape = code ? NULL : arena_alloc(job, &reader->tree.memory, sizeof *shape);
  if (!shape) return canon_failed(job);
  *shape = doclens->n;
  canon_node node = {.kind = CANON_NODE_TENSOR,
                     .dtype = CANON_I64,
                     .rank = 1,
                     .shape = shape,
                     .storage = CANON_NONE,
                     .offset = CANON_NONE};
  node.storage_bytes = 8 * doclens->n;
  return add_tensor(job, reader, parent, "doclens", &node, &(tensor){.doclens = doclens->at});
}

static int32_t add_chunk(canon_job *job, colbert_reader *reader, uint64_t chunk, uint64_t list) {
  uint64_t dict;
  int32_t code = add_container(job, reader, list, NULL, CANON_NODE_DICT, &dict);
  if (!code) code = add_part(job, reader, COLBERT_CODES, chunk, dict, (const char *const[]){"codes"}, 1);
  if (!code) code = add_doclens(job, reader, chunk, dict);
  if (!code) code = add_json(job, reader, COLBERT_CHUNK, chunk, dict, "metadata");
  if (!code) code = add_part(job, reader, COLBERT_RESIDUALS, chunk, dict, (const char *const[]){"residuals"}, 1);
  return code;
}

/* A tensor of the bytes. */
static int32_t add_file(canon_job *job, colbert_reader *reader, uint64_t i, uint64_t dict, const char *name) {
  const canon_source *file;
  int32_t code = job->host->member_open(job, reader->members.source, i, &file);
  uint64_t *shape = code ? NULL : arena_alloc(job, &reader->tree.memory, sizeof *shape);
  if (!shape) return canon_failed(job);
  *shape = job->host->source_size(job, file);
  const canon_node node = canon_tensor_node(CANON_U8, shape, 1, CANON_NONE);
  return add_tensor(job, reader, dict, name, &node, &(tensor){.file = file});
}

static int32_t add_files(canon_job *job, colbert_reader *reader, uint64_t root) {
  uint64_t dict, chunk, n = job->host->member_count(job, reader->members.source);
  if (!reader->members.n_others) return CANON_OK;
  int32_t code = add_container(job, reader, root, "files", CANON_NODE_DICT, &dict);
  for (uint64_t i = 0; !code && i < n; i++) {
    const char *name = job->host->member_name(job, reader->members.source, i);
    if (!strchr(name, '/') && colbert_role_of(name, &chunk) == COLBERT_ROLES)
      code = add_file(job, reader, i, dict, name);
  }
  return code;
}

static int32_t add_all(canon_job *job, colbert_reader *reader) {
  static const char *const BUCKETS[] = {"bucket_cutoffs", "bucket_weights"}, *const IVF[] = {"pids", "lengths"};
  uint64_t root, list, ivf;
  int32_t code = add_container(job, reader, CANON_NONE, NULL, CANON_NODE_DICT, &root);
  if (!code) code = add_part(job, reader, COLBERT_AVG_RESIDUAL, 0, root, (const char *const[]){"avg_residual"}, 1);
  if (!code) code = add_part(job, reader, COLBERT_BUCKETS, 0, root, BUCKETS, 2);
  if (!code) code = add_part(job, reader, COLBERT_CENTROIDS, 0, root, (const char *const[]){"centroids"}, 1);
  if (!code) code = add_container(job, reader, root, "chunks", CANON_NODE_LIST, &list);
  for (uint64_t i = 0; !code && i < reader->members.n_chunks; i++) code = add_chunk(job, reader, i, list);
  if (!code) code = add_files(job, reader, root);
  if (!code) code = add_container(job, reader, root, "ivf", CANON_NODE_DICT, &ivf);
  if (!code) code = add_part(job, reader, COLBERT_IVF, 0, ivf, IVF, 2);
  if (!code) code = add_json(job, reader, COLBERT_METADATA, 0, root, "metadata");
  if (!code && colbert_members_have(&reader->members, COLBERT_PLAN, 0))
    code = add_json(job, reader, COLBERT_PLAN, 0, root, "plan");
  return code;
}

/* A value that tells of the run may be a list. */
static void mark_run(colbert_reader *reader, const canon_manifest *manifest, uint64_t root) {
  if (root == CANON_NONE) return;
  for (uint64_t i = root + 1, marked = CANON_NONE; i < reader->tree.n_nodes; i++) {
    canon_node *node = &reader->tree.nodes[i];
    if (node->parent < root) break;
    if (marked == CANON_NONE || node->parent < marked)
      marked = colbert_tells_of_run(manifest, i, root) ? i : CANON_NONE;
    if (marked != CANON_NONE) node->flags |= CANON_NODE_VOLATILE;
  }
}

/* The inverted file */

static tensor *tensor_at(const colbert_reader *reader, uint64_t node) {
  uint64_t low = 0, high = reader->n_tensors;
  while (low < high) {
    uint64_t middle = low + (high - low) / 2;
    if (reader->tensors[middle].node < node) low = middle + 1;
    else high = middle;
  }
  return low < reader->n_tensors && reader->tensors[low].node == node ? &reader->tensors[low] : NULL;
}

/* The sum of the lengths, and the largest. */
static int32_t sum_lengths(canon_job *job, const tensor *lengths, uint64_t *sum, uint64_t *largest) {
  int64_t *piece = canon_alloc(job, PIECE * sizeof *piece);
  int32_t code = piece ? CANON_OK : canon_failed(job);
  *sum = *largest = 0;
  for (uint64_t first = 0; !code && first < lengths->elements; first += PIECE) {
    uint64_t n = lengths->elements - first < PIECE ? lengths->elements - first : PIECE;
    code = job->host->part_read(job, lengths->part, lengths->part_node, first, n, piece);
    for (uint64_t i = 0; !code && i < n; i++) {
      if (piece[i] < 0 || !canon_add(*sum, (uint64_t)piece[i], sum))
        code = canon_fail(job, CANON_E_MALFORMED, CANON_NONE, "ivf.pid.pt: length %" PRIu64 " is %" PRId64, first + i,
                          piece[i]);
      else if ((uint64_t)piece[i] > *largest) *largest = (uint64_t)piece[i];
    }
  }
  canon_free(job, piece);
  return code;
}

/* Behind the pids of the last list ColBERT puts as many zeros as the longest list has, so that all can be read with one
 * width. They are no part of the value. */
static int32_t trim_padding(canon_job *job, colbert_reader *reader) {
  tensor *pids = tensor_at(reader, reader->index.pids);
  uint64_t sum, largest;
  int32_t code = sum_lengths(job, tensor_at(reader, reader->index.lengths), &sum, &largest);
  if (code) return code;
  uint64_t padding = pids->elements >= sum ? pids->elements - sum : 0;
  if (pids->elements < sum || (padding && padding != largest))
    return colbert_check_lengths(job, CANON_E_MALFORMED, sum, pids->elements);
  uint64_t *shape = arena_alloc(job, &reader->tree.memory, sizeof *shape);
  if (!shape) return canon_failed(job);
  *shape = sum;
  reader->tree.nodes[pids->node].shape = shape;
  pids->elements = sum;
  pids->padding = padding;
  return CANON_OK;
}

/* For people */

static void detail(colbert_reader *reader, const char *name, const char *text, uint64_t number) {
  reader->details[reader->n_details++] = (canon_detail){name, text, (int64_t)number};
}

/* ColBERT's memory-mapped reader skips 320 bytes and takes the rest for numbers. It reads indexes of one chunk only. */
static int32_t describe_mapping(canon_job *job, colbert_reader *reader) {
  char text[160];
  if (reader->members.n_chunks > 1) return CANON_OK;
  if (reader->codes_offset == COLBERT_FIRST_STORAGE && reader->residuals_offset == COLBERT_FIRST_STORAGE) {
    detail(reader, "memory_mapped", "as it is", 0);
    return CANON_OK;
  }
  char codes[24] = "no", residuals[24] = "no";
  if (reader->codes_offset != CANON_NONE) snprintf(codes, sizeof codes, "%" PRIu64, reader->codes_offset);
  if (reader->residuals_offset != CANON_NONE)
    snprintf(residuals, sizeof residuals, "%" PRIu64, reader->residuals_offset);
  int n = snprintf(text, sizeof text,
                   "misread by ColBERT: codes begin at byte %s, residuals at %s, not at %d; a converted index is right",
                   codes, residuals, COLBERT_FIRST_STORAGE);
  const char *kept = arena_text(job, &reader->tree.memory, text, (uint64_t)n);
  if (!kept) return canon_failed(job);
  detail(reader, "memory_mapped", kept, 0);
  return CANON_OK;
}

static int32_t describe(canon_job *job, colbert_reader *reader) {
  const colbert_index *index = &reader->index;
  uint64_t passages = 0, padding = tensor_at(reader, index->pids)->padding;
  for (uint64_t i = 0; i < reader->members.n_chunks; i++) passages += reader->doclens[i].n;
  detail(reader, "dim", NULL, index->dim);
  detail(reader, "nbits", NULL, index->nbits);
  detail(reader, "partitions", NULL, index->num_partitions);
  detail(reader, "passages", NULL, passages);
  detail(reader, "embeddings", NULL, index->num_embeddings);
  detail(reader, "chunks", NULL, reader->members.n_chunks);
  detail(
      reader, "built_on",
      reader->tree.nodes[index->bucket_weights].dtype == CANON_F16 ? "GPU (weights are f16)" : "CPU (weights are f32)",
      0);
  if (padding) detail(reader, "ivf_padding", NULL, padding);
  if (reader->members.n_others) detail(reader, "other_files", NULL, reader->members.n_others);
  if (reader->members.left_out) detail(reader, "files_in_folders_below", NULL, reader->members.left_out);
  job->host->count(job, COLBERT_DROPPED, reader->tree.dropped);
  job->host->count(job, "padding of the inverted file left out", padding);
  job->host->count(job, "file in a folder below the index left out", reader->members.left_out);
  return describe_mapping(job, reader);
}

/* [embeddings, dim] instead of the bytes that these are packed into. */
static int32_t spread_residuals(canon_job *job, colbert_reader *reader) {
  const colbert_index *index = &reader->index;
  for (uint64_t i = 0; i < index->n_chunks; i++) {
    tensor *residuals = tensor_at(reader, index->chunk[i].residuals);
    canon_node *node = &reader->tree.nodes[residuals->node];
    uint64_t *shape = arena_alloc(job, &reader->tree.memory, 2 * sizeof *shape);
    if (!shape) return canon_failed(job);
    shape[0] = node->shape[0];
    shape[1] = index->dim;
    if (!canon_elements(shape, 2, &residuals->elements))
      return canon_fail(job, CANON_E_LIMIT, CANON_NONE, "more residuals than 64 bits count");
    node->shape = shape;
    node->stride = NULL;
    residuals->nbits = index->nbits;
  }
  return CANON_OK;
}

static int32_t check(canon_job *job, colbert_reader *reader) {
  const canon_manifest manifest = {.struct_size = sizeof manifest,
                                   .node_size = sizeof(canon_node),
                                   .nodes = reader->tree.nodes,
                                   .n_nodes = reader->tree.n_nodes};
  colbert_index *index = &reader->index;
  int32_t code = colbert_index_take(job, &reader->tree.memory, CANON_E_MALFORMED, &manifest, index);
  if (!code) code = colbert_index_check(job, CANON_E_MALFORMED, &manifest, index);
  for (uint64_t i = 0; !code && i < index->n_chunks; i++)
    code = colbert_check_doclens(job, CANON_E_MALFORMED, i, reader->doclens[i].sum,
                                 reader->tree.nodes[index->chunk[i].codes].shape[0]);
  if (code) return code;
  mark_run(reader, &manifest, index->metadata);
  mark_run(reader, &manifest, index->plan);
  return trim_padding(job, reader);
}

static int32_t take_memory(canon_job *job, colbert_reader *reader) {
  reader->doclens = canon_alloc(job, reader->members.n_chunks * sizeof *reader->doclens);
  return reader->doclens ? CANON_OK : canon_failed(job);
}

int32_t colbert_open(canon_job *job, const canon_instance *instance, const canon_source *source, void **out) {
  colbert_reader *reader = canon_alloc(job, sizeof *reader);
  if (!reader) return canon_failed(job);
  *out = reader;
  reader->tree.drops_run = job->host->param(job, instance, "drop-run") != NULL;
  int32_t code = colbert_members_find(job, source, &reader->members);
  if (!code) code = take_memory(job, reader);
  if (!code) code = add_all(job, reader);
  if (!code) code = check(job, reader);
  if (!code && job->host->param(job, instance, "buckets")) code = spread_residuals(job, reader);
  return code ? code : describe(job, reader);
}

int32_t colbert_manifest(canon_job *job, void *self, canon_manifest *manifest) {
  const colbert_reader *reader = self;
  (void)job;
  manifest->node_size = sizeof(canon_node);
  manifest->nodes = reader->tree.nodes;
  manifest->n_nodes = reader->tree.n_nodes;
  manifest->producer = reader->producer;
  manifest->details = reader->details;
  manifest->n_details = reader->n_details;
  manifest->detail_size = sizeof(canon_detail);
  return CANON_OK;
}

static int32_t check_padding(canon_job *job, const tensor *pids) {
  int32_t piece[1024], code = CANON_OK;
  for (uint64_t first = 0; !code && first < pids->padding; first += 1024) {
    uint64_t n = pids->padding - first < 1024 ? pids->padding - first : 1024;
    code = job->host->part_read(job, pids->part, pids->part_node, pids->elements + first, n, piece);
    for (uint64_t i = 0; !code && i < n; i++)
      if (piece[i])
        code = canon_fail(job, CANON_E_MALFORMED, CANON_NONE,
                          "ivf.pid.pt: pid %" PRId32 " behind the %" PRIu64
                          " that its lengths tell of, where zeros must be",
                          piece[i], pids->elements);
  }
  return code;
}

int32_t colbert_read(canon_job *job, void *self, uint64_t node, uint64_t first, uint64_t count, void *dst) {
  const tensor *what = tensor_at(self, node);
  if (!what || first > what->elements || count > what->elements - first)
    return canon_fail(job, CANON_E_USAGE, CANON_NONE,
                      "%" PRIu64 " elements from %" PRIu64 " of node %" PRIu64 ", which has %" PRIu64, count, first,
                      node, what ? what->elements : 0);
  if (what->nbits) return colbert_buckets_read(job, what->part, what->part_node, what->nbits, first, count, dst);
  if (what->part) {
    int32_t code = job->host->part_read(job, what->part, what->part_node, first, count, dst);
    return !code && first + count == what->elements ? check_padding(job, what) : code;
  }
  if (what->file) return job->host->source_read(job, what->file, first, dst, count);
  int64_t *lengths = dst;
  for (uint64_t i = 0; i < count; i++) lengths[i] = what->doclens[first + i];
  return CANON_OK;
}

void colbert_close(canon_job *job, void *self) {
  colbert_reader *reader = self;
  for (uint64_t i = 0; reader->doclens && i < reader->members.n_chunks; i++) canon_free(job, reader->doclens[i].at);
  canon_free(job, reader->doclens);
  canon_free(job, reader->members.slots);
  canon_free(job, reader->tensors);
  canon_free(job, reader->tree.nodes);
  arena_free(job, &reader->tree.memory);
  canon_free(job, reader);
}
