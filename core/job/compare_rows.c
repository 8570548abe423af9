/* SPDX-License-Identifier: MIT
 * compare_rows.c: whether two tensors have the same rows in another order, in one pass and no memory: a row becomes a
 * hash of 128 bits, and hashes are added up, so that their order does not count. Two sets of rows that are not the same
 * have one sum by a chance of 2^-128, unless somebody made them so; nothing but a word in a report depends on it. */
#include "core/job/compare.h"

struct hash {
  uint64_t low, high;
};

struct hashing {
  const struct pair *pair;
  uint64_t row, rows, rows_at_once; /* elements of a row; of the tensor; of a block, or 0: a row is longer than that */
  uint32_t size;                    /* bytes of an element */
  pthread_mutex_t lock;
  struct hash sums[2];
};

/* The finalizer of SplitMix64: every bit of x reaches every bit of the result. */
static uint64_t mix(uint64_t x) {
  x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
  x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
  return x ^ x >> 31;
}

static void hash_bytes(struct hash *hash, const uint8_t *bytes, uint64_t n) {
  for (uint64_t i = 0; i < n; i += 8) {
    uint64_t word = 0;
    memcpy(&word, bytes + i, n - i < 8 ? n - i : 8);
    hash->low = mix(hash->low ^ word);
    hash->high = mix((hash->high ^ word) + UINT64_C(0x9E3779B97F4A7C15));
  }
}

static int32_t hash_long_row(const struct hashing *h, canon_job *job, const struct side *side, uint64_t row,
                             void *buffer, struct hash *hash) {
  uint64_t end = (row + 1) * h->row, block = COMPARE_BLOCK / h->size;
  int32_t code = CANON_OK;
  for (uint64_t first = row * h->row; !code && first < end; first += block) {
    uint64_t count = end - first < block ? end - first : block;
    code = side_read(side, job, first, count, buffer);
    if (!code) hash_bytes(hash, buffer, count * h->size);
  }
  return code;
}

static int32_t hash_rows(const struct hashing *h, canon_job *job, const struct side *side, uint64_t first,
                         uint64_t rows, void *buffer, struct hash *sum) {
  uint64_t bytes = h->row * h->size;
  int32_t code = side_read(side, job, first * h->row, rows * h->row, buffer);
  for (uint64_t i = 0; !code && i < rows; i++) {
    struct hash hash = {0};
    hash_bytes(&hash, (const uint8_t *)buffer + i * bytes, bytes);
    sum->low += hash.low;
    sum->high += hash.high;
  }
  return code;
}

static int32_t hash_block(canon_job *job, void *ctx, uint64_t i) {
  struct hashing *h = ctx;
  const struct side *sides[2] = {&h->pair->a, &h->pair->b};
  void *buffer = job_workspace(job_of(job), 0, COMPARE_BLOCK);
  int32_t code = buffer ? CANON_OK : canon_failed(job);
  for (int side = 0; !code && side < 2; side++) {
    struct hash sum = {0};
    uint64_t first = i * h->rows_at_once, rows = h->rows - first < h->rows_at_once ? h->rows - first : h->rows_at_once;
    if (h->rows_at_once) code = hash_rows(h, job, sides[side], first, rows, buffer, &sum);
    else code = hash_long_row(h, job, sides[side], i, buffer, &sum);
    pthread_mutex_lock(&h->lock);
    h->sums[side].low += sum.low;
    h->sums[side].high += sum.high;
    pthread_mutex_unlock(&h->lock);
  }
  return code ? code : job->host->tick(job, h->pair->progress->done, h->pair->progress->total);
}

int32_t compare_rows(const struct pair *pair, uint64_t row, int *permuted) {
  struct hashing h = {.pair = pair, .row = row, .rows = pair->elements / row};
  h.size = pair->element.parts * pair->element.size;
  h.rows_at_once = COMPARE_BLOCK / h.size / row;
  uint64_t blocks = h.rows_at_once ? (h.rows - 1) / h.rows_at_once + 1 : h.rows;
  *permuted = 0;
  if (h.rows < 2) return CANON_OK;
  pthread_mutex_init(&h.lock, NULL);
  int32_t code = pair_parallel(pair, blocks, hash_block, &h);
  pthread_mutex_destroy(&h.lock);
  *permuted = !code && h.sums[0].low == h.sums[1].low && h.sums[0].high == h.sums[1].high;
  return code;
}
