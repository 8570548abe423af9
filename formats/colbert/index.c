/* SPDX-License-Identifier: MIT
 * index.c: where in a tree the parts of an index stand, and whether they agree: what a reader has found in a folder,
 * and what a writer is asked to make a folder of. */
#include <stddef.h>
#include <string.h>

#include "formats/colbert/colbert.h"
#include "formats/common/text.h"

/* What a node is told by: the place of its parent and its key. */
typedef enum place {
  NOWHERE,
  ROOT,
  IVF,
  CHUNKS,
  CHUNK,
  CHUNK_COUNTS,
  FILES,
  METADATA,
  CONFIG,
  PLAN,
  JSON,
  TENSOR,
  NUMBER
} place;

#define BIT(dtype) (1u << (dtype))
#define FLOATS (BIT(CANON_F16) | BIT(CANON_F32))
#define IN_INDEX(member) offsetof(colbert_index, member)
#define IN_CHUNK(member) offsetof(colbert_chunk, member)

static const struct row {
  place parent;
  const char *key; /* NULL: an item of the list */
  place here;
  size_t member;         /* of the index, or of the chunk under CHUNK and CHUNK_COUNTS */
  uint32_t dtypes, rank; /* of a tensor */
} ROWS[] = {
    {ROOT, "avg_residual", TENSOR, IN_INDEX(avg_residual), FLOATS, 0},
    {ROOT, "bucket_cutoffs", TENSOR, IN_INDEX(bucket_cutoffs), FLOATS, 1},
    {ROOT, "bucket_weights", TENSOR, IN_INDEX(bucket_weights), FLOATS, 1},
    {ROOT, "centroids", TENSOR, IN_INDEX(centroids), FLOATS, 2},
    {ROOT, "chunks", CHUNKS, IN_INDEX(chunks), 0, 0},
    {ROOT, "files", FILES, IN_INDEX(files), 0, 0},
    {ROOT, "ivf", IVF, IN_INDEX(ivf), 0, 0},
    {ROOT, "metadata", METADATA, IN_INDEX(metadata), 0, 0},
    {ROOT, "plan", PLAN, IN_INDEX(plan), 0, 0},
    {IVF, "lengths", TENSOR, IN_INDEX(lengths), BIT(CANON_I64), 1},
    {IVF, "pids", TENSOR, IN_INDEX(pids), BIT(CANON_I32), 1},
    {CHUNKS, NULL, CHUNK, 0, 0, 0},
    {CHUNK, "codes", TENSOR, IN_CHUNK(codes), BIT(CANON_I32), 1},
    {CHUNK, "doclens", TENSOR, IN_CHUNK(doclens), BIT(CANON_I64), 1},
    {CHUNK, "metadata", CHUNK_COUNTS, IN_CHUNK(metadata), 0, 0},
    {CHUNK, "residuals", TENSOR, IN_CHUNK(residuals), BIT(CANON_U8), 2},
    {CHUNK_COUNTS, "embedding_offset", NUMBER, IN_CHUNK(embedding_offset), 0, 0},
    {CHUNK_COUNTS, "num_embeddings", NUMBER, IN_CHUNK(num_embeddings), 0, 0},
    {CHUNK_COUNTS, "num_passages", NUMBER, IN_CHUNK(num_passages), 0, 0},
    {CHUNK_COUNTS, "passage_offset", NUMBER, IN_CHUNK(passage_offset), 0, 0},
    {FILES, NULL, TENSOR, 0, BIT(CANON_U8), 1},
    {METADATA, "config", CONFIG, IN_INDEX(config), 0, 0},
    {METADATA, "num_chunks", NUMBER, IN_INDEX(num_chunks), 0, 0},
    {METADATA, "num_embeddings", NUMBER, IN_INDEX(num_embeddings), 0, 0},
    {METADATA, "num_partitions", NUMBER, IN_INDEX(num_partitions), 0, 0},
    {CONFIG, "dim", NUMBER, IN_INDEX(dim), 0, 0},
    {CONFIG, "nbits", NUMBER, IN_INDEX(nbits), 0, 0},
    {PLAN, "num_chunks", NUMBER, IN_INDEX(plan_chunks), 0, 0},
    {PLAN, "num_partitions", NUMBER, IN_INDEX(plan_partitions), 0, 0},
};

static const struct row *row_of(place parent, const canon_node *node) {
  for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
    const struct row *row = &ROWS[i];
    if (row->parent != parent) continue;
    if (!row->key) return row;
    if (node->key_kind == CANON_KEY_STR && node->key_size == strlen(row->key) &&
        memcmp(node->key, row->key, node->key_size) == 0)
      return row;
  }
  return NULL;
}

/* Of what stands there once. */
static const char *where(place parent) {
  static const char *const NAMES[] = {
      [ROOT] = "", [IVF] = "/ivf", [METADATA] = "/metadata", [CONFIG] = "/metadata/config", [PLAN] = "/plan"};
  return NAMES[parent];
}

/* A tree that the user asks to write is turned by options; a folder is what it is. */
static const char *advice(int32_t code) {
  return code == CANON_E_UNSUPPORTED ? "leave out --cast, --half and --reduce, or write another format"
                                     : "the file is damaged, or of another version; get it again";
}

static int32_t check_tensor(canon_job *job, int32_t code, const struct row *row, const canon_manifest *manifest,
                            uint64_t i) {
  const canon_node *node = canon_manifest_node(manifest, i);
  char at[TEXT_PLACE_BYTES];
  if (!(row->dtypes >> node->dtype & 1))
    return canon_fail(job, code, CANON_NONE, "%s is a tensor of %s; an index holds %s there; %s",
                      text_place(manifest, i, at), canon_dtype_name(node->dtype),
                      row->dtypes == FLOATS           ? "f16 or f32"
                      : row->dtypes == BIT(CANON_I64) ? "i64"
                      : row->dtypes == BIT(CANON_I32) ? "i32"
                                                      : "u8",
                      advice(code));
  int is_scalar = row->rank == 0 && node->rank == 1 && node->shape[0] == 1; /* some versions saved it so */
  if (node->rank == row->rank || is_scalar) return CANON_OK;
  return canon_fail(job, code, CANON_NONE, "%s has %" PRIu32 " dimensions, that of an index has %" PRIu32 "; %s",
                    text_place(manifest, i, at), node->rank, row->rank, advice(code));
}

/* A count that JSON tells: not negative, at most 2^63 - 1. */
static int32_t take_number(canon_job *job, int32_t code, const canon_manifest *manifest, uint64_t i, uint64_t *number) {
  const canon_node *node = canon_manifest_node(manifest, i);
  uint8_t bytes[8] = {0};
  char at[TEXT_PLACE_BYTES];
  if (node->kind != CANON_NODE_INT || node->data_size > 8 || ((const uint8_t *)node->data)[node->data_size - 1] & 0x80)
    return canon_fail(job, code, CANON_NONE, "%s is no count", text_place(manifest, i, at));
  memcpy(bytes, node->data, node->data_size);
  *number = canon_load_le64(bytes);
  return CANON_OK;
}

static int32_t take_node(canon_job *job, int32_t code, const struct row *row, const canon_manifest *manifest,
                         uint64_t i, uint64_t *member) {
  const canon_node *node = canon_manifest_node(manifest, i);
  char at[TEXT_PLACE_BYTES];
  if (row->here == NUMBER) return take_number(job, code, manifest, i, member);
  *member = i;
  if (row->here == TENSOR && node->kind == CANON_NODE_TENSOR) return check_tensor(job, code, row, manifest, i);
  int is_list = node->kind == CANON_NODE_LIST || node->kind == CANON_NODE_TUPLE;
  if (row->here == CHUNKS ? is_list : row->here != TENSOR && node->kind == CANON_NODE_DICT) return CANON_OK;
  return canon_fail(job, code, CANON_NONE, "%s is no %s", text_place(manifest, i, at),
                    row->here == TENSOR   ? "tensor"
                    : row->here == CHUNKS ? "list"
                                          : "dict");
}

static int32_t new_chunks(canon_job *job, arena *memory, const canon_manifest *manifest, uint64_t list,
                          colbert_index *index) {
  uint64_t n = 0, most;
  for (uint64_t i = list + 1; i < manifest->n_nodes; i++) n += canon_manifest_node(manifest, i)->parent == list;
  index->chunk = canon_mul(n + 1, sizeof *index->chunk, &most) ? arena_alloc(job, memory, most) : NULL;
  if (!index->chunk) return canon_failed(job);
  memset(index->chunk, 0xff, most);
  return CANON_OK;
}

static int32_t place_node(canon_job *job, arena *memory, int32_t code, const canon_manifest *manifest, uint64_t i,
                          uint8_t *places, colbert_index *index) {
  const canon_node *node = canon_manifest_node(manifest, i);
  place parent = places[node->parent];
  char at[TEXT_PLACE_BYTES];
  const struct row *row = row_of(parent, node);
  places[i] = row ? (uint8_t)row->here : JSON;
  if (!row && (parent == ROOT || parent == IVF || parent == CHUNK || parent == CHUNK_COUNTS))
    return canon_fail(job, code, CANON_NONE, "%s has no place in a ColBERT index; leave it out: --exclude PATH",
                      text_place(manifest, i, at));
  if (!row) return CANON_OK;
  uint64_t ignored;
  if (row->here == CHUNK) index->n_chunks++;
  char *base = parent == CHUNK || parent == CHUNK_COUNTS ? (char *)&index->chunk[index->n_chunks - 1] : (char *)index;
  int32_t result =
      take_node(job, code, row, manifest, i, row->key ? (uint64_t *)(void *)(base + row->member) : &ignored);
  return !result && row->here == CHUNKS ? new_chunks(job, memory, manifest, i, index) : result;
}

static int32_t check_complete(canon_job *job, int32_t code, const colbert_index *index) {
  for (size_t r = 0; r < sizeof ROWS / sizeof *ROWS; r++) {
    const struct row *row = &ROWS[r];
    int of_chunk = row->parent == CHUNK || row->parent == CHUNK_COUNTS,
        optional = row->here == PLAN || row->parent == PLAN || row->here == FILES;
    for (uint64_t c = 0; row->key && !optional && c < (of_chunk ? index->n_chunks : 1); c++) {
      const char *base = of_chunk ? (const char *)&index->chunk[c] : (const char *)index;
      uint64_t member;
      memcpy(&member, base + row->member, sizeof member);
      if (member != CANON_NONE) continue;
      if (of_chunk)
        return canon_fail(job, code, CANON_NONE, "/chunks/%" PRIu64 "%s/%s is missing, an index needs it", c,
                          row->parent == CHUNK ? "" : "/metadata", row->key);
      return canon_fail(job, code, CANON_NONE, "%s/%s is missing, an index needs it", where(row->parent), row->key);
    }
  }
  return CANON_OK;
}

int32_t colbert_index_take(canon_job *job, arena *memory, int32_t code, const canon_manifest *manifest,
                           colbert_index *index) {
  memset(index, 0xff, sizeof *index);
  index->chunk = NULL;
  index->n_chunks = 0;
  if (canon_manifest_node(manifest, 0)->kind != CANON_NODE_DICT)
    return canon_fail(job, code, CANON_NONE,
                      "a ColBERT index is a dict (centroids, chunks, ivf, ...), this is none; choose another format");
  uint8_t *places = canon_alloc(job, manifest->n_nodes);
  if (!places) return canon_failed(job);
  places[0] = ROOT;
  int32_t result = CANON_OK;
  for (uint64_t i = 1; !result && i < manifest->n_nodes; i++)
    result = place_node(job, memory, code, manifest, i, places, index);
  canon_free(job, places);
  return result ? result : check_complete(job, code, index);
}

/* Two counts that must be one, and where each stands. */
typedef struct pair {
  char one_name[COLBERT_NAME_BYTES];
  const char *one_what;
  uint64_t one;
  char other_name[COLBERT_NAME_BYTES];
  const char *other_what;
  uint64_t other;
} pair;

static int32_t agree(canon_job *job, int32_t code, const pair *p) {
  if (p->one == p->other) return CANON_OK;
  return canon_fail(job, code, CANON_NONE,
                    "%s has %" PRIu64 " %s, %s has %" PRIu64 " %s; one of them is damaged, or of another index",
                    p->one_name, p->one, p->one_what, p->other_name, p->other, p->other_what);
}

static uint64_t extent(const canon_manifest *manifest, uint64_t node, uint32_t axis) {
  return canon_manifest_node(manifest, node)->shape[axis];
}

static int32_t check_quantization(canon_job *job, int32_t code, const canon_manifest *m, const colbert_index *x) {
  if (x->nbits < 1 || x->nbits > 8 || x->dim > UINT32_MAX || x->dim % (x->nbits ? 8 * x->nbits : 1))
    return canon_fail(job, code, CANON_NONE,
                      "metadata.json tells of dim %" PRIu64 " and nbits %" PRIu64
                      "; nbits is from 1 to 8, and dim a multiple of 8 * nbits",
                      x->dim, x->nbits);
  const pair pairs[] = {
      {"centroids.pt", "dimensions", extent(m, x->centroids, 1), "metadata.json", "(config/dim)", x->dim},
      {"buckets.pt", "weights", extent(m, x->bucket_weights, 0), "metadata.json", "(2 to the power of config/nbits)",
       UINT64_C(1) << x->nbits},
      {"buckets.pt", "cutoffs", extent(m, x->bucket_cutoffs, 0), "metadata.json",
       "(2 to the power of config/nbits, less 1)", (UINT64_C(1) << x->nbits) - 1},
      {"centroids.pt", "rows", extent(m, x->centroids, 0), "metadata.json", "partitions", x->num_partitions},
      {"ivf.pid.pt", "lengths", extent(m, x->lengths, 0), "centroids.pt", "rows", extent(m, x->centroids, 0)},
      {"metadata.json", "chunks (num_chunks)", x->num_chunks, "the folder", "chunks", x->n_chunks},
      {"plan.json", "chunks (num_chunks)", x->plan_chunks == CANON_NONE ? x->num_chunks : x->plan_chunks,
       "metadata.json", "chunks", x->num_chunks},
      {"plan.json", "partitions", x->plan_partitions == CANON_NONE ? x->num_partitions : x->plan_partitions,
       "metadata.json", "partitions", x->num_partitions},
  };
  int32_t result = CANON_OK;
  for (size_t i = 0; !result && i < sizeof pairs / sizeof *pairs; i++) result = agree(job, code, &pairs[i]);
  return result;
}

static int32_t check_chunk(canon_job *job, int32_t code, const canon_manifest *m, const colbert_index *x, uint64_t c,
                           uint64_t passages, uint64_t embeddings) {
  const colbert_chunk *chunk = &x->chunk[c];
  uint64_t codes = extent(m, chunk->codes, 0), columns = x->dim / 8 * x->nbits;
  pair pairs[] = {
      {"", "rows", extent(m, chunk->residuals, 0), "", "codes", codes},
      {"", "bytes a row", extent(m, chunk->residuals, 1), "metadata.json", "(config/dim / 8 * config/nbits)", columns},
      {"", "embeddings", chunk->num_embeddings, "", "codes", codes},
      {"", "passages", extent(m, chunk->doclens, 0), "", "passages", chunk->num_passages},
      {"", "for its embedding_offset", chunk->embedding_offset, "what comes before it", "embeddings", embeddings},
      {"", "for its passage_offset", chunk->passage_offset, "what comes before it", "passages", passages},
  };
  static const colbert_role ROLES[][2] = {{COLBERT_RESIDUALS, COLBERT_CODES}, {COLBERT_RESIDUALS, COLBERT_ROLES},
                                          {COLBERT_CHUNK, COLBERT_CODES},     {COLBERT_DOCLENS, COLBERT_CHUNK},
                                          {COLBERT_CHUNK, COLBERT_ROLES},     {COLBERT_CHUNK, COLBERT_ROLES}};
  int32_t result = CANON_OK;
  for (size_t i = 0; !result && i < sizeof pairs / sizeof *pairs; i++) {
    colbert_name(ROLES[i][0], c, pairs[i].one_name);
    if (ROLES[i][1] != COLBERT_ROLES) colbert_name(ROLES[i][1], c, pairs[i].other_name);
    result = agree(job, code, &pairs[i]);
  }
  return result;
}

int32_t colbert_index_check(canon_job *job, int32_t code, const canon_manifest *manifest, const colbert_index *index) {
  uint64_t passages = 0, embeddings = 0;
  int32_t result = check_quantization(job, code, manifest, index);
  for (uint64_t c = 0; !result && c < index->n_chunks; c++) {
    result = check_chunk(job, code, manifest, index, c, passages, embeddings);
    if (!result && (!canon_add(passages, index->chunk[c].num_passages, &passages) ||
                    !canon_add(embeddings, index->chunk[c].num_embeddings, &embeddings)))
      result = canon_fail(job, CANON_E_LIMIT, CANON_NONE, "more embeddings than 64 bits count");
  }
  const pair total = {"metadata.json",       "embeddings", index->num_embeddings,
                      "all chunks together", "embeddings", embeddings};
  return result ? result : agree(job, code, &total);
}

int32_t colbert_check_doclens(canon_job *job, int32_t code, uint64_t chunk, uint64_t sum, uint64_t codes) {
  pair p = {.one_what = "embeddings in all its passages", .one = sum, .other_what = "codes", .other = codes};
  colbert_name(COLBERT_DOCLENS, chunk, p.one_name);
  colbert_name(COLBERT_CODES, chunk, p.other_name);
  return agree(job, code, &p);
}

int32_t colbert_check_lengths(canon_job *job, int32_t code, uint64_t sum, uint64_t pids) {
  return agree(job, code, &(pair){"ivf.pid.pt", "pids", pids, "its list of lengths", "in sum", sum});
}
