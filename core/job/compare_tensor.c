/* SPDX-License-Identifier: MIT
 * compare_tensor.c: a pair of tensors, block by block over threads, and what its tally comes to. */
#include <math.h>
#include <stdatomic.h>

#include "core/base/mem.h"
#include "core/job/compare.h"
#include "core/numerics/ref/number.h"

/* A tally kept by each thread would be as good; blocks without a difference never ask for the lock. */
struct comparing {
  const struct pair *pair;
  uint64_t block; /* elements */
  pthread_mutex_t lock;
  struct tally *tally;
  struct spread *spread; /* NULL: no statistics */
};

/* Of one thread and block, behind each other in one workspace. */
struct workspace {
  struct tally tally;
  struct spread spread;
  uint64_t scratch[];
};

int32_t side_read(const struct side *side, canon_job *job, uint64_t first, uint64_t count, void *dst) {
  struct job *own = side->artifact->job;
  if (job_root(job_of(job)) == own) return artifact_read(side->artifact, job, side->node, first, count, dst);
  struct job *deputy = job_deputy_new(own);
  if (!deputy) return canon_fail(job, CANON_E_MEMORY, CANON_NONE, "out of memory");
  artifact_read(side->artifact, job_public(deputy), side->node, first, count, dst);
  int32_t code = job_adopt_failure(job_of(job), deputy);
  job_deputy_free(deputy);
  return code;
}

int32_t pair_parallel(const struct pair *pair, uint64_t n, int32_t (*fn)(canon_job *, void *, uint64_t), void *ctx) {
  canon_job *job = job_public(pair->a.artifact->job);
  int both = artifact_is_random(pair->a.artifact) && artifact_is_random(pair->b.artifact);
  int32_t code = CANON_OK;
  if (n > 1 && both) return job->host->parallel(job, n, fn, ctx);
  for (uint64_t i = 0; !code && i < n; i++) code = fn(job, ctx, i);
  return code;
}

/* A block need not find again what smaller tolerances than those of other blocks would do. */
static void take_tolerances(struct comparing *c, struct tally *tally) {
  pthread_mutex_lock(&c->lock);
  tally->verdicts = c->tally->verdicts;
  pthread_mutex_unlock(&c->lock);
  for (uint32_t i = 0; i < MAX_RULES; i++) tally->verdicts.items[i].failing = 0;
}

static int32_t look(canon_job *job, void *ctx, uint64_t i) {
  struct comparing *c = ctx;
  const struct pair *pair = c->pair;
  uint64_t first = i * c->block, count = pair->elements - first < c->block ? pair->elements - first : c->block;
  void *a = job_workspace(job_of(job), 0, COMPARE_BLOCK), *b = job_workspace(job_of(job), 1, COMPARE_BLOCK);
  struct workspace *work = job_workspace(job_of(job), 2, sizeof *work + compare_scratch());
  if (!a || !b || !work) return canon_failed(job);
  int32_t code = side_read(&pair->a, job, first, count, a);
  if (!code) code = side_read(&pair->b, job, first, count, b);
  if (code) return code;
  tally_init(&work->tally);
  take_tolerances(c, &work->tally);
  if (c->spread) spread_init(&work->spread);
  compare_block(pair, a, b, first, count, work->scratch, &work->tally, c->spread ? &work->spread : NULL);
  if (c->spread || work->tally.differing || work->tally.zero_signs || work->tally.nan_pairs) {
    pthread_mutex_lock(&c->lock);
    tally_merge(c->tally, &work->tally, pair->rules);
    if (c->spread) spread_merge(c->spread, &work->spread);
    pthread_mutex_unlock(&c->lock);
  }
  uint64_t bytes = 2 * count * pair->element.parts * pair->element.size;
  return job->host->tick(job, atomic_fetch_add(&pair->progress->done, bytes) + bytes, pair->progress->total);
}

/* An exact sum by the number of parts that it is of. */
static double mean_of(const struct wide *sum, uint64_t parts) {
  const struct float_layout *layout = float_layout(CANON_F64);
  enum rounding rounding;
  double mean;
  uint64_t code = number_code(layout, wide_divide(sum, parts), &rounding);
  memcpy(&mean, &code, sizeof mean);
  return mean;
}

static int sums_to_zero(const struct wide *wide) {
  struct number number = wide_value(wide);
  return !number.significand && !number.more;
}

static void conclude(const struct pair *pair, const struct tally *tally, canon_difference *d) {
  const struct element *element = &pair->element;
  uint64_t parts = pair->elements * element->parts - tally->nan - tally->infinite;
  d->differing = tally->differing;
  d->first = tally->first;
  d->measured = element->kind != CANON_KIND_RAW && parts;
  d->has_ulp = element->layout != NULL && d->measured;
  d->max_abs = element->layout ? tally->max_abs : (double)tally->max_whole;
  d->mean_abs = d->measured ? mean_of(&tally->absolute.values, parts) : 0;
  d->max_ulp = tally->max_ulp;
  d->worst = tally->worst;
  d->worst_ulp = tally->worst_ulp;
  d->rising = tally->rising;
  d->falling = tally->falling;
  d->nan = tally->nan;
  d->infinite = tally->infinite;
  d->zero_signs = tally->zero_signs;
  d->nan_bits = tally->nan_bits;
  d->nan_pairs = pair->equal == CANON_EQUAL_VALUES || pair->rules->need_nan ? tally->nan_pairs : CANON_NONE;
  d->least_rtol = tally->verdicts.items[0].least_rtol;
  d->least_atol = tally->verdicts.items[0].least_atol;
  const int is_hopeless = isnan(d->least_atol) && (isnan(d->least_rtol) || !isinf(d->max_abs));
  d->least_ulp = is_hopeless || !element->layout ? CANON_NONE : tally->max_ulp;
}

static void conclude_checks(const struct pair *pair, const struct tally *tally, canon_check_result *results) {
  for (uint32_t i = 1; i < pair->rules->n; i++) {
    const struct rule *rule = &pair->rules->items[i];
    const struct verdict *verdict = &tally->verdicts.items[i];
    int by_bits = rule->is_unnamed && pair->equal == CANON_EQUAL_BITS;
    uint64_t failing = by_bits ? tally->differing : verdict->failing;
    results[i - 1] = (canon_check_result){.passes = failing == 0,
                                          .flags = rule->flags,
                                          .failing = failing,
                                          .rtol = rule->rtol,
                                          .atol = rule->atol,
                                          .ulp = rule->ulp,
                                          .least_rtol = verdict->least_rtol,
                                          .least_atol = verdict->least_atol};
  }
}

/* Every element moved the same way: not what rounding does. */
static int is_shifted(const canon_difference *d) {
  enum { MANY = 16 };
  return d->elements >= MANY && (d->rising == d->elements || d->falling == d->elements);
}

static uint32_t class_of(const struct pair *pair, const canon_difference *d) {
  const struct element *element = &pair->element;
  if (!d->differing) return CANON_CLASS_SAME;
  if (pair->equal == CANON_EQUAL_VALUES && ((d->nan_pairs && d->nan_pairs != CANON_NONE) || d->nan_bits))
    return CANON_CLASS_VALUES;
  if (!element->layout || d->nan || d->infinite || d->max_ulp > 1 || is_shifted(d)) return CANON_CLASS_VALUES;
  return element->size <= 2 && d->max_ulp ? CANON_CLASS_HALF_FLIP : CANON_CLASS_ROUNDING;
}

/* Only where the sums of a and b are equal, as are their NaN: a second look at every row. */
static int32_t look_for_permutation(const struct pair *pair, const struct tally *tally, canon_difference *d) {
  int32_t code = CANON_OK;
  int permuted = 0;
  if (d->verdict != CANON_CLASS_VALUES || tally->nan_a != tally->nan_b || pair->element.kind == CANON_KIND_RAW)
    return CANON_OK;
  if (!sums_to_zero(&tally->change.values) || pair->elements < 2) return CANON_OK;
  if (d->differing == d->nan_pairs) return CANON_OK; /* nothing moved at all */
  code = compare_rows(pair, pair->row, &permuted);
  if (!code && !permuted && pair->row != 1) code = compare_rows(pair, 1, &permuted);
  if (permuted) d->verdict = CANON_CLASS_PERMUTATION;
  return code;
}

static int32_t run(struct comparing *c, canon_difference *d, canon_check_result *checks) {
  const struct pair *pair = c->pair;
  c->block = COMPARE_BLOCK / (pair->element.parts * pair->element.size);
  uint64_t blocks = pair->elements / c->block + (pair->elements % c->block != 0);
  pthread_mutex_init(&c->lock, NULL);
  int32_t code = pair_parallel(pair, blocks, look, c);
  pthread_mutex_destroy(&c->lock);
  if (code) return code;
  conclude(pair, c->tally, d);
  conclude_checks(pair, c->tally, checks);
  d->verdict = class_of(pair, d);
  d->status = d->differing ? CANON_DIFF_DIFFERS : CANON_DIFF_SAME;
  return look_for_permutation(pair, c->tally, d);
}

static void conclude_stats(const struct comparing *c, const canon_difference *d, canon_diff_stats *stats) {
  const struct pair *pair = c->pair;
  spread_finish(c->spread, pair->marks, stats);
  if (d->measured)
    stats->mean_change = mean_of(&c->tally->change.values, pair->elements * pair->element.parts - d->nan - d->infinite);
}

int32_t compare_tensor(const struct pair *pair, canon_difference *difference, canon_check_result *checks,
                       canon_diff_stats *stats, canon_diff_map *map) {
  canon_job *job = job_public(pair->a.artifact->job);
  struct comparing c = {.pair = pair, .tally = canon_alloc(job, sizeof *c.tally)};
  if (c.tally && pair->marks) c.spread = canon_alloc(job, sizeof *c.spread);
  if (!c.tally || (pair->marks && !c.spread)) {
    canon_free(job, c.tally);
    return canon_failed(job);
  }
  tally_init(c.tally);
  if (c.spread) spread_init(c.spread);
  int32_t code = run(&c, difference, checks);
  if (!code && c.spread) conclude_stats(&c, difference, stats);
  if (!code && map) map_finish(pair->map, pair->elements / pair->map->columns, &c.tally->cases, map);
  canon_free(job, c.spread);
  canon_free(job, c.tally);
  return code;
}
