/* SPDX-License-Identifier: MIT
 * trial.c: see trial.h; and the rule about plans. */
#include "tests/conform/trial.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <canon/numerics.h>

#include "core/host/instance.h"
#include "core/host/job.h"

enum { LONGER = 24 };

/* A plan that does not fit its input is rule_plan()'s to judge. */
static void whole_new(struct use *use) {
  const canon_tensor *in = &use->trial->in, *out = &use->plan.out;
  uint64_t slab = 0, elements = 0, after = 0;
  canon_mul(use->plan.axis, use->plan.inner, &slab);
  canon_elements(in->shape, in->rank, &elements);
  if (out->rank <= CANON_MAX_RANK) canon_elements(out->shape, out->rank, &after);
  use->whole = need(fence_alloc(sizeof *use->whole + LONGER, 8, 0));
  *use->whole = (canon_cut){.struct_size = sizeof *use->whole + LONGER,
                            .in_dtype = in->dtype,
                            .out_dtype = out->dtype,
                            .outer = slab              ? elements / slab
                                     : use->plan.inner ? after / use->plan.inner
                                                       : 0,
                            .axis = use->plan.axis,
                            .inner = use->plan.inner};
}

int32_t use_open(const struct trial *trial, struct use *use) {
  const canon_transform *t = trial->transform;
  const struct subject *subject = trial->subject;
  *use = (struct use){.trial = trial, .job = watch_job(subject, trial->label)};
  if (instance_new(use->job, t->name, t->options, t->n_options, t->option_size, subject->settings, subject->n_settings,
                   0, &use->instance))
    broken("--set: %s", failure_text(use->job));
  step("%s: open()", trial->label);
  int32_t code = returned(use->job, "open()", t->open(use->job, use->instance, trial->variant, &use->self));
  if (code) return code;
  use->opened = 1;
  canon_plan *plan = need(fence_alloc(sizeof *plan + LONGER, 8, 0));
  *plan = (canon_plan){.struct_size = sizeof *plan + LONGER, .out = trial->in, .axis = 1, .inner = 1};
  canon_tensor in = trial->in;
  step("%s: plan()", trial->label);
  code = returned(use->job, "plan()", t->plan(use->job, use->self, &in, plan));
  if (plan->struct_size != sizeof *plan + LONGER)
    broken("plan() replaced the whole struct; set its members one by one");
  if (memcmp(&in, &trial->in, sizeof in) != 0) broken("%s: plan() changed the input's description", trial->label);
  use->plan = *plan;
  fence_free(plan);
  if (!code) whole_new(use);
  return code;
}

void use_close(struct use *use) {
  step("%s: close()", use->trial->label);
  if (use->self) use->trial->transform->close(use->job, use->self);
  instance_free(use->instance);
  fence_free(use->whole);
  watch_job_free(use->job);
  *use = (struct use){0};
}

uint64_t use_counts(const struct use *use, const canon_count **counts) { return job_counts(job_of(use->job), counts); }

static uint64_t count_named(const canon_count *counts, uint64_t n, const char *what) {
  for (uint64_t i = 0; i < n; i++)
    if (strcmp(counts[i].what, what) == 0) return counts[i].n;
  return 0;
}

void compare_counts(const struct use *a, const struct use *b, const char *how) {
  const canon_count *of_a, *of_b;
  uint64_t n_a = use_counts(a, &of_a), n_b = use_counts(b, &of_b);
  for (uint64_t i = 0; i < n_a || i < n_b; i++) {
    const char *what = i < n_a ? of_a[i].what : of_b[i].what;
    uint64_t x = count_named(of_a, n_a, what), y = count_named(of_b, n_b, what);
    if (x != y)
      broken("%s: '%s' is counted %" PRIu64 " times for the whole and %" PRIu64 " times %s", a->trial->label, what, x,
             y, how);
  }
}

canon_block *block_new(const struct use *use, const canon_block *part) {
  canon_block *block = need(fence_alloc(sizeof *block + LONGER, 8, 0));
  *block = *part;
  block->struct_size = sizeof *block + LONGER;
  block->whole = use->whole;
  return block;
}

void block_free(canon_block *block) { fence_free(block); }

void *input_values(const struct use *use, enum pattern pattern, uint64_t *n) {
  const canon_tensor *in = &use->trial->in;
  uint32_t size = canon_dtype_size(in->dtype);
  if (!canon_elements(in->shape, in->rank, n)) no_memory();
  uint8_t *values = need(fence_alloc(*n * size, size, 0)), *small = need(malloc(*n + 1));
  uint64_t state = 7;
  for (uint64_t i = 0; i < *n; i++)
    small[i] = (uint8_t)(next_random(&state) % (in->dtype == CANON_BOOL ? 2 : 8) + (in->dtype != CANON_BOOL));
  const canon_numerics *numerics = canon_numerics_query(use->job);
  if (pattern == PATTERN_BITS || numerics->cast(CANON_U8, in->dtype, 0, small, values, *n, NULL))
    fill_values(in->dtype, 3, values, *n);
  free(small);
  return values;
}

void judge_transform(const struct trial *trial, const char *call, int32_t code, const char *text) {
  if (code <= CANON_E_MALFORMED || code == CANON_E_USAGE) return;
  broken("%s: %s fails with %" PRId32 " (%s); what cannot be transformed is CANON_E_UNSUPPORTED", trial->label, call,
         code, text);
}

/* ---- all of them ---- */

static void describe(struct trial *trial) {
  int n = snprintf(trial->label, sizeof trial->label, "--%s %s of %s [", trial->transform->name, trial->variant,
                   canon_dtype_name(trial->in.dtype));
  for (uint32_t i = 0; i < trial->in.rank && (size_t)n < sizeof trial->label; i++)
    n += snprintf(trial->label + n, sizeof trial->label - (size_t)n, "%s%" PRIu64, i ? ", " : "", trial->in.shape[i]);
  if ((size_t)n < sizeof trial->label) snprintf(trial->label + n, sizeof trial->label - (size_t)n, "]");
}

static void each_tensor(const struct subject *subject, const canon_transform *transform, const char *variant,
                        trial_fn fn) {
  static const canon_tensor shapes[] = {
      {0, 0, {0}},    {0, 1, {1}},       {0, 1, {7}},       {0, 2, {0, 5}},
      {0, 2, {3, 0}}, {0, 3, {3, 5, 4}}, {0, 2, {131, 33}}, {0, 4, {2, 1, 3, 129}},
  };
  for (uint32_t dtype = CANON_BOOL; dtype < CANON_DTYPE_END; dtype++) {
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
      struct trial trial = {.subject = subject, .transform = transform, .variant = variant, .in = shapes[i]};
      trial.in.dtype = dtype;
      describe(&trial);
      fn(&trial);
    }
  }
}

static const char *listed_variant(const canon_transform *transform, uint64_t i) {
  canon_variant variant = {0};
  uint32_t size = transform->variant_size < sizeof variant ? transform->variant_size : (uint32_t)sizeof variant;
  memcpy(&variant, (const char *)transform->variants + i * transform->variant_size, size);
  return variant.name ? variant.name : "";
}

void each_trial(const struct subject *subject, trial_fn fn) {
  const canon_transform *transform;
  if (!own_transform(subject, 0)) nothing_to_do("it has no transform");
  for (uint64_t k = 0; (transform = own_transform(subject, k)); k++) {
    if (!transform->n_variants && !subject->n_variants)
      broken("--%s lists no variant; name one with --variant", transform->name);
    for (uint64_t i = 0; i < transform->n_variants; i++)
      each_tensor(subject, transform, listed_variant(transform, i), fn);
    for (size_t i = 0; i < subject->n_variants; i++) each_tensor(subject, transform, subject->variants[i], fn);
  }
}

/* ---- plan ---- */

static uint64_t accepted;
static char refusal[512]; /* the last one */

/* As job/convert.c holds a plan against its input. */
static void check_plan(const struct trial *trial, const struct use *use) {
  const canon_plan *plan = &use->plan;
  const canon_transform *t = trial->transform;
  uint64_t elements = 0, after = 0, slab = 0;
  canon_elements(trial->in.shape, trial->in.rank, &elements);
  if (!canon_dtype_size(plan->out.dtype))
    broken("%s: plan() gives a dtype that is none (%" PRIu32 ")", trial->label, plan->out.dtype);
  if (plan->guarantee < CANON_EXACT || plan->guarantee > CANON_LOOSE)
    broken("%s: plan() promises %" PRIu32 "; set guarantee to CANON_EXACT, FIXED or LOOSE", trial->label,
           plan->guarantee);
  if (plan->reserved) broken("%s: plan() fills a reserved member", trial->label);
  if (plan->out.rank > CANON_MAX_RANK || !canon_elements(plan->out.shape, plan->out.rank, &after))
    broken("%s: plan() gives a shape that is none", trial->label);
  if (!canon_mul(plan->axis, plan->inner, &slab)) broken("%s: plan()'s axis x inner overflows", trial->label);
  if (plan->state_bytes) {
    if (plan->state_bytes % 8)
      broken("%s: plan()'s state_bytes %" PRIu64 " is no multiple of 8", trial->label, plan->state_bytes);
    if (!t->begin || !t->add || !t->finish)
      broken("%s: plan() reduces, but begin, add or finish is NULL", trial->label);
    if (plan->mergeable && !t->merge) broken("%s: plan() says mergeable, but merge is NULL", trial->label);
    int fits = plan->inner && (plan->axis ? elements % slab == 0 && after == elements / plan->axis
                                          : elements == 0 && after % plan->inner == 0);
    if (!fits)
      broken("%s: plan() cuts %" PRIu64 " elements as axis %" PRIu64 ", inner %" PRIu64 " into %" PRIu64
             ", which does not fit",
             trial->label, elements, plan->axis, plan->inner, after);
    return;
  }
  if (!t->map) broken("%s: plan() maps (state_bytes is 0), but map is NULL", trial->label);
  if (after != elements)
    broken("%s: plan() makes %" PRIu64 " elements of %" PRIu64 "; a map keeps their number", trial->label, after,
           elements);
  if (elements && (!slab || elements % slab))
    broken("%s: plan() cuts %" PRIu64 " elements as axis %" PRIu64 ", inner %" PRIu64 ", which does not fit",
           trial->label, elements, plan->axis, plan->inner);
}

static void plan_twice(const struct trial *trial) {
  struct use first, second;
  int32_t code = use_open(trial, &first), again = use_open(trial, &second);
  if (code != again) broken("%s: open() and plan() give %" PRId32 ", then %" PRId32, trial->label, code, again);
  if (code) {
    judge_transform(trial, "plan()", code, failure_text(first.job));
    snprintf(refusal, sizeof refusal, "%s", failure_text(first.job));
  } else {
    check_plan(trial, &first);
    if (memcmp(&first.plan, &second.plan, sizeof first.plan) != 0)
      broken("%s: planned twice, the plan is not the same", trial->label);
    accepted++;
  }
  use_close(&first);
  use_close(&second);
  count_case();
}

static void refuse_nonsense(const struct subject *subject, const canon_transform *transform) {
  struct trial trial = {.subject = subject,
                        .transform = transform,
                        .variant = "no such variant",
                        .in = {.dtype = CANON_F32, .rank = 1, .shape = {3}}};
  struct use use;
  describe(&trial);
  int32_t code = use_open(&trial, &use);
  if (use.opened && transform->n_variants)
    broken("%s: open() takes a variant that is none; it must be CANON_E_USAGE", trial.label);
  if (code && code != CANON_E_USAGE)
    broken("%s: it fails with %" PRId32 " (%s), but must with CANON_E_USAGE", trial.label, code, failure_text(use.job));
  use_close(&use);
}

void rule_plan(const struct subject *subject) {
  const canon_transform *transform;
  if (!own_transform(subject, 0)) nothing_to_do("it has no transform");
  for (uint64_t k = 0; (transform = own_transform(subject, k)); k++) {
    if (!transform->n_variants && !subject->n_variants)
      broken("--%s lists no variant; name one with --variant", transform->name);
    for (uint64_t i = 0; i < transform->n_variants + subject->n_variants; i++) {
      const char *variant =
          i < transform->n_variants ? listed_variant(transform, i) : subject->variants[i - transform->n_variants];
      accepted = 0;
      each_tensor(subject, transform, variant, plan_twice);
      if (!accepted) broken("--%s %s takes no tensor of any dtype: %s", transform->name, variant, refusal);
    }
    refuse_nonsense(subject, transform);
  }
}
