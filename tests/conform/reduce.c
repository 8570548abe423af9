/* SPDX-License-Identifier: MIT
 * reduce.c: what a reduction gives may not depend on how the host cut its axis and its columns, nor on merging, where
 * states may be merged. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tests/conform/trial.h"

struct reducing {
  const struct trial *trial;
  struct use *use;
  const uint8_t *in;
  uint64_t outer, axis, inner;
  uint32_t in_size, out_size;
  uint64_t state;
};

static uint8_t *states_new(const struct reducing *r, uint64_t n) { return need(fence_alloc(n * r->state, 64, 0x5a)); }

static int32_t begin(const struct reducing *r, void *states, uint64_t n) {
  step("%s: begin(%" PRIu64 " states)", r->trial->label, n);
  return returned(r->use->job, "begin()",
                  r->trial->transform->begin(r->use->job, r->use->self, r->use->whole, states, n));
}

static int32_t add(const struct reducing *r, void *states, const canon_block *part) {
  canon_block *block = block_new(r->use, part);
  step("%s: add(outer %" PRIu64 ", axis %" PRIu64 ", inner %" PRIu64 ", from outer %" PRIu64 ", axis %" PRIu64
       ", inner %" PRIu64 " on)",
       r->trial->label, part->outer, part->axis, part->inner, part->first_outer, part->first_axis, part->first_inner);
  int32_t code = returned(r->use->job, "add()", r->trial->transform->add(r->use->job, r->use->self, states, block));
  block_free(block);
  return code;
}

/* At the places of `part`. */
static int32_t finish(const struct reducing *r, const void *states, const canon_block *part, uint8_t *out) {
  uint64_t n = part->outer * part->inner;
  uint8_t *result = need(fence_alloc(n * r->out_size, r->out_size, 0xa5));
  canon_block *block = block_new(r->use, part);
  block->in = NULL;
  block->out = result;
  block->axis = 1;
  block->first_axis = 0;
  step("%s: finish(%" PRIu64 " states)", r->trial->label, n);
  int32_t code =
      returned(r->use->job, "finish()", r->trial->transform->finish(r->use->job, r->use->self, states, block));
  memcpy(out, result, n * r->out_size);
  block_free(block);
  fence_free(result);
  return code;
}

/* ---- the ways to cut; each fills out, of outer x inner elements ---- */

typedef int32_t (*way_fn)(const struct reducing *r, uint8_t *out);

static int32_t at_once(const struct reducing *r, uint8_t *out) {
  uint64_t n = r->outer * r->inner;
  uint8_t *states = states_new(r, n);
  canon_block all = {.in = r->in, .outer = r->outer, .axis = r->axis, .inner = r->inner};
  int32_t code = begin(r, states, n);
  if (!code && r->axis) code = add(r, states, &all);
  if (!code) code = finish(r, states, &all, out);
  fence_free(states);
  return code;
}

/* The elements at the place of `part`, in memory of their own. */
static uint8_t *part_of(const struct reducing *r, const canon_block *part) {
  uint64_t run = part->inner * r->in_size, first = part->first_outer * r->axis + part->first_axis;
  uint8_t *in = need(fence_alloc(part->axis * run, r->in_size, 0));
  for (uint64_t a = 0; a < part->axis; a++)
    memcpy(in + a * run, r->in + ((first + a) * r->inner + part->first_inner) * r->in_size, run);
  return in;
}

/* Elements [first, end) of the axis, some at a time, at the outer and inner places of `places`. */
static int32_t add_parts(const struct reducing *r, uint8_t *states, const canon_block *places, uint64_t first,
                         uint64_t end) {
  canon_block part = *places;
  int32_t code = CANON_OK;
  for (uint64_t count = 1; !code && first < end; first += part.axis, count = count % 7 + 1) {
    part.axis = fewer(count, end - first);
    part.first_axis = first;
    uint8_t *in = part_of(r, &part);
    part.in = in;
    code = add(r, states, &part);
    fence_free(in);
  }
  return code;
}

static int32_t along_the_axis(const struct reducing *r, uint8_t *out) {
  int32_t code = CANON_OK;
  for (uint64_t o = 0; !code && o < r->outer; o++) {
    const canon_block slab = {.outer = 1, .inner = r->inner, .first_outer = o};
    uint8_t *states = states_new(r, r->inner);
    code = begin(r, states, r->inner);
    if (!code) code = add_parts(r, states, &slab, 0, r->axis);
    if (!code) code = finish(r, states, &slab, out + o * r->inner * r->out_size);
    fence_free(states);
  }
  return code;
}

static int32_t in_columns(const struct reducing *r, uint8_t *out) {
  enum { WIDTH = 2 };
  int32_t code = CANON_OK;
  for (uint64_t o = 0; !code && o < r->outer; o++) {
    for (uint64_t column = 0; !code && column < r->inner; column += WIDTH) {
      uint64_t width = fewer(WIDTH, r->inner - column);
      const canon_block columns = {.outer = 1, .inner = width, .first_outer = o, .first_inner = column};
      uint8_t *states = states_new(r, width);
      code = begin(r, states, width);
      if (!code) code = add_parts(r, states, &columns, 0, r->axis);
      if (!code) code = finish(r, states, &columns, out + (o * r->inner + column) * r->out_size);
      fence_free(states);
    }
  }
  return code;
}

/* Three runs of the axis, merged in order. */
static int32_t merged(const struct reducing *r, uint8_t *out) {
  int32_t code = CANON_OK;
  uint64_t run = r->axis / 3 + 1;
  for (uint64_t o = 0; !code && o < r->outer; o++) {
    const canon_block slab = {.outer = 1, .inner = r->inner, .first_outer = o};
    uint8_t *into = states_new(r, r->inner);
    code = begin(r, into, r->inner);
    if (!code) code = add_parts(r, into, &slab, 0, fewer(run, r->axis));
    for (uint64_t first = run; !code && first < r->axis; first += run) {
      uint8_t *from = states_new(r, r->inner);
      code = begin(r, from, r->inner);
      if (!code) code = add_parts(r, from, &slab, first, fewer(first + run, r->axis));
      step("%s: merge(%" PRIu64 " states)", r->trial->label, r->inner);
      if (!code)
        code = returned(r->use->job, "merge()",
                        r->trial->transform->merge(r->use->job, r->use->self, r->use->whole, into, from, r->inner));
      fence_free(from);
    }
    if (!code) code = finish(r, into, &slab, out + o * r->inner * r->out_size);
    fence_free(into);
  }
  return code;
}

/* ---- */

static struct reducing reducing_of(struct use *use, const uint8_t *in) {
  struct reducing r = {.trial = use->trial,
                       .use = use,
                       .in = in,
                       .outer = use->whole->outer,
                       .axis = use->plan.axis,
                       .inner = use->plan.inner,
                       .state = use->plan.state_bytes};
  r.in_size = canon_dtype_size(use->trial->in.dtype);
  r.out_size = canon_dtype_size(use->plan.out.dtype);
  return r;
}

static void compare_way(const struct reducing *whole, int32_t code, const uint8_t *out, way_fn way, const char *how) {
  struct use use;
  if (use_open(whole->trial, &use)) broken("%s: %s", whole->trial->label, failure_text(use.job));
  struct reducing r = reducing_of(&use, whole->in);
  uint64_t n = r.outer * r.inner * r.out_size;
  uint8_t *other = need(malloc(n + 1));
  int32_t again = way(&r, other);
  if (again != code)
    broken("%s: it gives %" PRId32 " at once and %" PRId32 " %s", whole->trial->label, code, again, how);
  for (uint64_t i = 0; !code && i < n; i++)
    if (other[i] != out[i])
      broken("%s: element %" PRIu64 " of the result is not the same %s", whole->trial->label, i / r.out_size, how);
  if (!code) compare_counts(whole->use, &use, how);
  free(other);
  use_close(&use);
}

static void cut(const struct trial *trial, enum pattern pattern) {
  struct use use;
  if (use_open(trial, &use)) broken("%s: %s", trial->label, failure_text(use.job));
  uint64_t n;
  uint8_t *in = input_values(&use, pattern, &n);
  struct reducing r = reducing_of(&use, in);
  uint8_t *out = need(malloc(r.outer * r.inner * r.out_size + 1));
  int32_t code = at_once(&r, out);
  if (code) judge_transform(trial, "the reduction", code, failure_text(use.job));
  compare_way(&r, code, out, at_once, "a second time, with other contents in the states before");
  compare_way(&r, code, out, along_the_axis, "in parts of the axis");
  compare_way(&r, code, out, in_columns, "in columns (cut along inner)");
  if (use.plan.mergeable) compare_way(&r, code, out, merged, "merged from parts of the axis");
  count_case();
  free(out);
  fence_free(in);
  use_close(&use);
}

static int any;

static void reduce_all_ways(const struct trial *trial) {
  struct use use;
  int32_t code = use_open(trial, &use);
  int reduces = !code && use.plan.state_bytes;
  use_close(&use);
  if (!reduces) return;
  any = 1;
  for (int pattern = 0; pattern < PATTERNS; pattern++) cut(trial, (enum pattern)pattern);
}

void rule_states(const struct subject *subject) {
  each_trial(subject, reduce_all_ways);
  if (!any) nothing_to_do("it has no transform that reduces");
}

/* ---- failures ---- */

static int32_t run_once(const struct trial *trial) {
  struct use use;
  int32_t code = use_open(trial, &use);
  uint64_t n;
  uint8_t *in = code ? NULL : input_values(&use, PATTERN_NUMBERS, &n);
  if (!code && use.plan.state_bytes) {
    struct reducing r = reducing_of(&use, in);
    uint8_t *out = need(malloc(r.outer * r.inner * r.out_size + 1));
    code = at_once(&r, out);
    free(out);
  } else if (!code && n) {
    uint8_t *out = need(fence_alloc(n * canon_dtype_size(use.plan.out.dtype), canon_dtype_size(use.plan.out.dtype), 0));
    const canon_block all = {
        .in = in, .out = out, .outer = use.whole->outer, .axis = use.plan.axis, .inner = use.plan.inner};
    canon_block *block = block_new(&use, &all);
    step("%s: map()", trial->label);
    code = returned(use.job, "map()", trial->transform->map(use.job, use.self, block));
    block_free(block);
    fence_free(out);
  }
  fence_free(in);
  use_close(&use);
  return code;
}

static void fail_each_call(const struct trial *trial) {
  static const enum hook hooks[] = {HOOK_ALLOC, HOOK_TICK, HOOK_SCRATCH};
  if (trial->in.rank != 3 || run_once(trial)) return;
  for (size_t h = 0; h < sizeof hooks / sizeof *hooks; h++) {
    for (uint64_t n = 1;; n++) {
      watch_fail(hooks[h], n);
      int32_t code = run_once(trial);
      if (!watch_failed()) break;
      if (!code)
        broken("%s: call %" PRIu64 " of %s() failed, and everything went on as if it had not", trial->label, n,
               watch_hook_name(hooks[h]));
      count_case();
    }
    watch_fail(HOOK_NONE, 0);
  }
}

void rule_transform_failures(const struct subject *subject) { each_trial(subject, fail_each_call); }
