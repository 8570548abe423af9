/* SPDX-License-Identifier: MIT
 * idx.c: reads and writes .idx files of bytes, the format of the MNIST images and labels:
 *
 *   00 00 08 rank | rank sizes, u32 big-endian | elements, u8, C order */
#include <canon/format.h>

enum { MOST_HEADER = 4 + 4 * CANON_MAX_RANK };

struct idx {
  const canon_source *source;
  canon_node tensor;
  uint64_t shape[CANON_MAX_RANK];
};

/* *bits of evidence: 24 of the magic, 32 more if the sizes in the header make the size of the file. */
static int32_t idx_header(canon_job *job, const canon_source *source, struct idx *idx, uint32_t *bits) {
  uint8_t head[MOST_HEADER] = {0};
  uint64_t size = job->host->source_size(job, source), data;
  int32_t code = job->host->source_read(job, source, 0, head, size < MOST_HEADER ? size : MOST_HEADER);
  *bits = 0;
  if (code || size < 4 || head[0] || head[1] || head[2] != 8 || head[3] > CANON_MAX_RANK) return code;
  data = 4 + 4 * (uint64_t)head[3];
  for (uint32_t i = 4; i < data; i++) idx->shape[i / 4 - 1] = idx->shape[i / 4 - 1] << 8 | head[i];
  idx->source = source;
  idx->tensor = canon_tensor_node(CANON_U8, idx->shape, head[3], data);
  *bits = size >= data && size - data == idx->tensor.storage_bytes ? 24 + 32 : 24;
  return CANON_OK;
}

static int32_t idx_probe(canon_job *job, const canon_source *source, uint32_t *bits) {
  struct idx idx = {0};
  return idx_header(job, source, &idx, bits);
}

static int32_t idx_open(canon_job *job, const canon_instance *instance, const canon_source *source, void **reader) {
  (void)instance; /* has no options */
  uint32_t bits = 0;
  struct idx *idx = *reader = canon_alloc(job, sizeof *idx);
  int32_t code = idx ? idx_header(job, source, idx, &bits) : canon_failed(job);
  if (code || bits > 24) return code;
  if (bits) return canon_fail(job, CANON_E_MALFORMED, 4, "its sizes do not make its length; was it cut short?");
  return canon_fail(job, CANON_E_UNSUPPORTED, 0, "it does not begin 00 00 08; only idx files of bytes are read");
}

static int32_t idx_manifest(canon_job *job, void *reader, canon_manifest *manifest) {
  (void)job;
  manifest->nodes = &((struct idx *)reader)->tensor;
  manifest->n_nodes = 1;
  return CANON_OK;
}

static int32_t idx_read(canon_job *job, void *reader, uint64_t node, uint64_t first, uint64_t count, void *dst) {
  (void)node; /* there is one */
  const struct idx *idx = reader;
  return job->host->source_read(job, idx->source, idx->tensor.offset + first, dst, count);
}

static int32_t idx_can_write(canon_job *job, const canon_instance *instance, const canon_manifest *manifest) {
  (void)instance;
  const canon_node *root = canon_manifest_node(manifest, 0);
  int fits = root->kind == CANON_NODE_TENSOR && root->dtype == CANON_U8;
  for (uint32_t i = 0; fits && i < root->rank; i++) fits = root->shape[i] <= UINT32_MAX;
  if (fits) return CANON_OK;
  return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE,
                    "idx holds one tensor of u8, its sizes below 2^32; try --select PATH, --cast u8");
}

static int32_t idx_begin(canon_job *job, const canon_instance *instance, const canon_manifest *manifest,
                         canon_sink *sink, void **writer) {
  (void)instance;
  const canon_node *root = canon_manifest_node(manifest, 0);
  uint8_t head[MOST_HEADER] = {0, 0, 8, (uint8_t)root->rank};
  for (uint32_t i = 0; i < 4 * root->rank; i++) head[4 + i] = (uint8_t)(root->shape[i / 4] >> (24 - 8 * (i % 4)));
  uint64_t *data = *writer = canon_alloc(job, sizeof *data);
  if (!data) return canon_failed(job);
  *data = 4 + 4 * (uint64_t)root->rank;
  return job->host->sink_write(job, sink, 0, head, *data);
}

/* The host writes the elements itself, from all its threads. */
static int32_t idx_place(canon_job *job, void *writer, uint64_t node, canon_extent *extent) {
  (void)job, (void)node;
  extent->offset = *(const uint64_t *)writer;
  return CANON_OK;
}

static const canon_format format = {
    .struct_size = sizeof(canon_format),
    .flags = CANON_FORMAT_RANDOM | CANON_FORMAT_SINGLE,
    .name = "idx",
    .suffixes = "idx idx1-ubyte idx3-ubyte",
    .summary = "bytes, as MNIST keeps its images",
    .probe = idx_probe,
    .open = idx_open,
    .manifest = idx_manifest,
    .read = idx_read,
    .close = canon_free,
    .can_write = idx_can_write,
    .begin = idx_begin,
    .place = idx_place,
    .release = canon_free,
};

CANON_PLUGIN("org.example.idx", "1.0.0", "MIT", "idx files of bytes", {CANON_FORMAT_FACET, &format})
