/* SPDX-License-Identifier: MIT
 * measure.c: canon_artifact_digest and canon_artifact_stats: every element read once, in blocks. */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include <canon/numerics.h>

#include "core/base/mem.h"
#include "core/job/artifact.h"
#include "core/job/bytes.h"
#include "core/numerics/numerics.h"

enum { BLOCK_BYTES = 1 << 20 };

/* Digests */

struct digesting {
  canon_artifact *artifact;
  const uint64_t *tensors; /* their nodes */
  int ahead;               /* one thread reads while another hashes */
  _Atomic uint64_t done;
  uint64_t total;
};

/* One tensor on its way into its SHA-256, which takes blocks in order: one is hashed while the next is read. */
struct hashing {
  struct digesting *digesting;
  uint64_t node;
  uint32_t dtype;
  uint64_t elements, block; /* of a block */
  uint64_t first;           /* element that the block to be hashed begins with */
  uint8_t *buffers[2];
  struct sha256 sha;
};

static uint64_t elements_at(const struct hashing *h, uint64_t first) {
  uint64_t left = first < h->elements ? h->elements - first : 0;
  return left < h->block ? left : h->block;
}

static uint8_t *buffer_of(const struct hashing *h, uint64_t first) { return h->buffers[first / h->block % 2]; }

static int32_t read_block(const struct hashing *h, canon_job *job, uint64_t first) {
  uint64_t count = elements_at(h, first);
  uint8_t *buffer = buffer_of(h, first);
  if (!count) return CANON_OK;
  int32_t code = artifact_read(h->digesting->artifact, job, h->node, first, count, buffer);
  if (!code) bytes_little_endian(h->dtype, buffer, count);
  return code;
}

/* Tasks of one turn: 0 hashes, 1 reads what comes next. */
static int32_t hash_or_read(canon_job *job, void *ctx, uint64_t task) {
  struct hashing *h = ctx;
  if (task) return read_block(h, job, h->first + h->block);
  sha256_add(&h->sha, buffer_of(h, h->first), elements_at(h, h->first) * canon_dtype_size(h->dtype));
  return CANON_OK;
}

static int32_t take_turn(canon_job *job, struct hashing *h) {
  if (h->digesting->ahead && elements_at(h, h->first + h->block)) return job->host->parallel(job, 2, hash_or_read, h);
  int32_t code = hash_or_read(job, h, 0);
  return code ? code : hash_or_read(job, h, 1);
}

static int32_t hash_blocks(canon_job *job, struct hashing *h) {
  struct digesting *d = h->digesting;
  int32_t code = read_block(h, job, 0);
  for (; !code && h->first < h->elements; h->first += h->block) {
    uint64_t bytes = elements_at(h, h->first) * canon_dtype_size(h->dtype);
    code = take_turn(job, h);
    if (!code) code = job->host->tick(job, atomic_fetch_add(&d->done, bytes) + bytes, d->total);
  }
  return code;
}

static int32_t digest_tensor(canon_job *job, void *ctx, uint64_t i) {
  struct digesting *d = ctx;
  canon_artifact *a = d->artifact;
  uint64_t node = d->tensors[i];
  canon_tensor tensor = artifact_tensor(&a->tree->nodes[node]);
  struct hashing h = {.digesting = d, .node = node, .dtype = tensor.dtype, .elements = tensor_elements(&tensor)};
  h.block = BLOCK_BYTES / canon_dtype_size(tensor.dtype);
  for (uint32_t slot = 0; slot < 2; slot++)
    if (!(h.buffers[slot] = job_workspace(job_of(job), slot + 1, BLOCK_BYTES))) return canon_failed(job);
  int32_t code =
      sha256_start(&h.sha) ? CANON_OK : canon_fail(job, CANON_E_MEMORY, CANON_NONE, "libcrypto gives no SHA-256");
  if (!code) code = hash_blocks(job, &h);
  if (!code && !sha256_end(&h.sha, a->sha256[node]))
    code = canon_fail(job, CANON_E_MEMORY, CANON_NONE, "libcrypto gives no SHA-256");
  sha256_free(&h.sha);
  return code;
}

int32_t artifact_digest_tensors(canon_artifact *a, const uint64_t *nodes, uint64_t n) {
  canon_job *job = job_public(a->job);
  struct digesting d = {.artifact = a, .tensors = nodes};
  int32_t code = artifact_check_expansion(a, &d.total);
  if (!a->sha256) a->sha256 = mem_alloc(a->tree->n_nodes * sizeof *a->sha256);
  if (!code && !a->sha256) code = canon_fail(job, CANON_E_MEMORY, CANON_NONE, "out of memory");
  if (code) return code;
  if (artifact_is_random(a) && n > 1) return job->host->parallel(job, n, digest_tensor, &d);
  d.ahead = artifact_is_random(a);
  for (uint64_t i = 0; !code && i < n; i++) code = digest_tensor(job, &d, i);
  return code;
}

static int32_t digest_all(canon_artifact *a, canon_digest *digest) {
  canon_job *job = job_public(a->job);
  uint64_t *tensors = canon_alloc(job, a->tree->n_nodes * sizeof *tensors), n = 0;
  if (!tensors) return canon_failed(job);
  for (uint64_t i = 0; i < a->tree->n_nodes; i++)
    if (a->tree->nodes[i].kind == CANON_NODE_TENSOR) tensors[n++] = i;
  int32_t code = artifact_digest_tensors(a, tensors, n);
  canon_free(job, tensors);
  if (!code) code = digest_compute(job, a->tree, (const uint8_t(*)[SHA256_BYTES])a->sha256, digest);
  if (!code) code = source_unchanged(job, a->source);
  return code;
}

int32_t canon_artifact_digest(canon_artifact *a, canon_digest *digest) {
  context_begin(a->context);
  job_forget_failure(a->job);
  int32_t code = digest_all(a, digest);
  return code ? context_take_failure(a->context, a->job) : CANON_OK;
}

const uint8_t *canon_artifact_sha256(const canon_artifact *a, uint64_t node) {
  return a->sha256 && node < a->tree->n_nodes ? a->sha256[node] : NULL;
}

/* Statistics: exact sums may be cut anywhere, so blocks go to whichever thread is free. */

struct measuring {
  canon_artifact *artifact;
  uint64_t node;
  uint32_t dtype;
  uint64_t elements, block;
  const canon_numerics *numerics;
  pthread_mutex_t lock;
  canon_sums *sums;
  canon_stats *stats;
  _Atomic uint64_t done;
};

/* Every value of a float, integer or bool dtype up to 53 bits is a binary64; a wider integer is rounded. */
static void look_at(canon_stats *stats, const double *values, uint64_t n) {
  double min = stats->min, max = stats->max;
  uint64_t zeros = 0;
  for (uint64_t i = 0; i < n; i++) {
    zeros += values[i] == 0;
    if (values[i] < min) min = values[i];
    if (values[i] > max) max = values[i];
  }
  stats->zeros += zeros;
  stats->min = min;
  stats->max = max;
}

/* Integers of 64 bits, exactly: as uint64_t in their order, which `sign` makes of signed ones. */
static void look_at_wide(canon_stats *stats, const uint64_t *values, uint64_t n, uint64_t sign) {
  uint64_t min = UINT64_MAX, max = 0;
  for (uint64_t i = 0; i < n; i++) {
    uint64_t value = values[i] ^ sign;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  stats->whole_min = min;
  stats->whole_max = max;
}

static uint64_t sign_of(uint32_t dtype) { return dtype == CANON_I64 ? UINT64_C(1) << 63 : 0; }

static int32_t measure_block(canon_job *job, void *ctx, uint64_t i) {
  struct measuring *m = ctx;
  uint64_t first = i * m->block, count = m->elements - first < m->block ? m->elements - first : m->block;
  void *buffer = job_workspace(job_of(job), 0, m->block * canon_dtype_size(m->dtype));
  double *values = job_workspace(job_of(job), 1, m->block * sizeof *values);
  canon_sums *sums = job_workspace(job_of(job), 2, m->numerics->sums_bytes);
  if (!buffer || !values || !sums) return canon_failed(job);
  int32_t code = artifact_read(m->artifact, job, m->node, first, count, buffer);
  if (code) return code;
  canon_stats part = {.min = INFINITY, .max = -INFINITY};
  canon_cast_report report = {.struct_size = sizeof report, .refused = CANON_NONE};
  code = m->numerics->cast(m->dtype, CANON_F64, 0, buffer, values, count, &report);
  m->numerics->sums_init(sums, CANON_SUMS_VALUES | CANON_SUMS_SQUARES);
  if (!code) code = m->numerics->sums_add(sums, m->dtype, buffer, count);
  if (code) return canon_fail(job, code, CANON_NONE, "no statistics for %s", canon_dtype_name(m->dtype));
  look_at(&part, values, count);
  if (m->dtype == CANON_I64 || m->dtype == CANON_U64) look_at_wide(&part, buffer, count, sign_of(m->dtype));
  pthread_mutex_lock(&m->lock);
  m->numerics->sums_merge(m->sums, sums);
  m->stats->zeros += part.zeros;
  if (part.min < m->stats->min) m->stats->min = part.min;
  if (part.max > m->stats->max) m->stats->max = part.max;
  if (part.whole_min < m->stats->whole_min) m->stats->whole_min = part.whole_min;
  if (part.whole_max > m->stats->whole_max) m->stats->whole_max = part.whole_max;
  pthread_mutex_unlock(&m->lock);
  uint64_t bytes = count * canon_dtype_size(m->dtype);
  return job->host->tick(job, atomic_fetch_add(&m->done, bytes) + bytes, m->elements * canon_dtype_size(m->dtype));
}

static void conclude_whole(const struct measuring *m) {
  canon_stats *stats = m->stats;
  uint32_t kind = canon_dtype_kind(m->dtype);
  if (m->dtype == CANON_I64 || m->dtype == CANON_U64) {
    stats->whole_min ^= sign_of(m->dtype);
    stats->whole_max ^= sign_of(m->dtype);
  } else {
    stats->whole_min = (uint64_t)(int64_t)stats->min;
    stats->whole_max = (uint64_t)(int64_t)stats->max;
  }
  stats->whole = kind == CANON_KIND_INT ? CANON_KIND_INT : CANON_KIND_UINT;
}

static void conclude(const struct measuring *m) {
  canon_stats *stats = m->stats;
  canon_sums_counts counts = {.struct_size = sizeof counts};
  m->numerics->sums_count(m->sums, &counts);
  stats->nans = counts.nan;
  stats->infinities = counts.positive_infinity + counts.negative_infinity;
  if (counts.nan == m->elements) stats->min = stats->max = (double)NAN;
  else if (canon_dtype_kind(m->dtype) != CANON_KIND_FLOAT) conclude_whole(m);
  if (m->numerics->sums_round(m->sums, CANON_SUMS_MEAN, CANON_F64, &stats->mean)) stats->mean = (double)NAN;
  m->numerics->sums_round(m->sums, CANON_SUMS_NORM, CANON_F64, &stats->norm);
  stats->known = 1;
}

static int32_t measure_tensor(canon_artifact *a, uint64_t node, canon_stats *stats) {
  canon_job *job = job_public(a->job);
  canon_tensor tensor = artifact_tensor(&a->tree->nodes[node]);
  struct measuring m = {
      .artifact = a, .node = node, .dtype = tensor.dtype, .elements = tensor_elements(&tensor), .stats = stats};
  m.numerics = numerics_service();
  m.block = BLOCK_BYTES / 8;
  *stats = (canon_stats){.elements = m.elements, .min = INFINITY, .max = -INFINITY, .whole_min = UINT64_MAX};
  uint64_t bytes;
  int32_t code = artifact_check_expansion(a, &bytes);
  uint32_t kind = canon_dtype_kind(tensor.dtype);
  if (code || kind == CANON_KIND_COMPLEX || kind == CANON_KIND_RAW) return code;
  m.sums = canon_alloc(job, m.numerics->sums_bytes);
  if (!m.sums) return canon_failed(job);
  m.numerics->sums_init(m.sums, CANON_SUMS_VALUES | CANON_SUMS_SQUARES);
  pthread_mutex_init(&m.lock, NULL);
  uint64_t blocks = (m.elements + m.block - 1) / m.block;
  if (blocks > 1 && artifact_is_random(a)) code = job->host->parallel(job, blocks, measure_block, &m);
  else
    for (uint64_t i = 0; !code && i < blocks; i++) code = measure_block(job, &m, i);
  pthread_mutex_destroy(&m.lock);
  if (!code) conclude(&m);
  canon_free(job, m.sums);
  return code;
}

int32_t canon_artifact_stats(canon_artifact *a, uint64_t node, canon_stats *stats) {
  context_begin(a->context);
  job_forget_failure(a->job);
  if (node >= a->tree->n_nodes || a->tree->nodes[node].kind != CANON_NODE_TENSOR)
    canon_fail(job_public(a->job), CANON_E_USAGE, CANON_NONE, "no such tensor");
  else measure_tensor(a, node, stats);
  return job_code(a->job) ? context_take_failure(a->context, a->job) : CANON_OK;
}
