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

/* At the places of `part`, among the results of all. */
static int32_t finish(const struct reducing *r, const void *states, const canon_block *part, uint8_t *out) {
  uint64_t n = part->outer * part->inner, row = part->inner * r->out_size;
  uint8_t *result = need(fence_alloc(n * r->out_size, r->out_size, 0xa5));
  canon_block *block = block_new(r->use, part);
  block->in = NULL;
  block->out = result;
  block->axis = 1;
  block->first_axis = 0;
  step("%s: finish(%" PRIu64 " states)", r->trial->label, n);
  int32_t code =
      returned(r->use->job, "finish()", r->trial->transform->finish(r->use->job, r->use->self, states, block));
  for (uint64_t o = 0; o < part->outer; o++)
    memcpy(out + ((part->first_outer + o) * r->inner + part->first_inner) * r->out_size, result + o * row, row);
  block_free(block);
  fence_free(result);
  return code;
}

/* ---- the ways to cut; each fills out, of outer x inner elements ---- */

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
  uint64_t run = part->inner * r->in_size;
  uint8_t *in = need(fence_alloc(part->outer * part->axis * run, r->in_size, 0)), *at = in;
  for (uint64_t o = part->first_outer; o < part->first_outer + part->outer; o++)
    for (uint64_t a = part->first_axis; a < part->first_axis + part->axis; a++, at += run)
      memcpy(at, r->in + ((o * r->axis + a) * r->inner + part->first_inner) * r->in_size, run);
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

struct way {
  const char *how;
  uint64_t width; /* of inner */
  int merges;
};

/* The axis in parts or, merged in order, in three runs of them. */
static int32_t reduce_places(const struct reducing *r, const struct way *way, const canon_block *places, uint8_t *out) {
  uint64_t n = places->outer * places->inner, run = way->merges ? r->axis / 3 + 1 : r->axis;
  uint8_t *into = states_new(r, n), *from = states_new(r, n);
  int32_t code = begin(r, into, n);
  if (!code) code = add_parts(r, into, places, 0, fewer(run, r->axis));
  for (uint64_t first = run; !code && first < r->axis; first += run) {
    code = begin(r, from, n);
    if (!code) code = add_parts(r, from, places, first, fewer(first + run, r->axis));
    step("%s: merge(%" PRIu64 " states)", r->trial->label, n);
    if (!code)
      code = returned(r->use->job, "merge()",
                      r->trial->transform->merge(r->use->job, r->use->self, r->use->whole, into, from, n));
  }
  if (!code) code = finish(r, into, places, out);
  fence_free(from);
  fence_free(into);
  return code;
}

/* 1, 2, 4, 8, ... slabs at a time. */
static int32_t in_places(const struct reducing *r, const struct way *way, uint8_t *out) {
  int32_t code = CANON_OK;
  canon_block places = {.outer = 1};
  for (; !code && places.first_outer < r->outer; places.first_outer += places.outer, places.outer *= 2) {
    places.outer = fewer(places.outer, r->outer - places.first_outer);
    for (places.first_inner = 0; !code && places.first_inner < r->inner; places.first_inner += places.inner) {
      places.inner = fewer(way->width, r->inner - places.first_inner);
      code = reduce_places(r, way, &places, out);
    }
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

static void compare_way(const struct reducing *whole, int32_t code, const uint8_t *out, const struct way *way) {
  struct use use;
  if (use_open(whole->trial, &use)) broken("%s: %s", whole->trial->label, failure_text(use.job));
  struct reducing r = reducing_of(&use, whole->in);
  uint64_t n = r.outer * r.inner * r.out_size;
  uint8_t *other = need(malloc(n + 1));
  int32_t again = way->width ? in_places(&r, way, other) : at_once(&r, other);
  if (again != code)
    broken("%s: it gives %" PRId32 " at once and %" PRId32 " %s", whole->trial->label, code, again, way->how);
  for (uint64_t i = 0; !code && i < n; i++)
    if (other[i] != out[i])
      broken("%s: element %" PRIu64 " of the result is not the same %s", whole->trial->label, i / r.out_size, way->how);
  if (!code) compare_counts(whole->use, &use, way->how);
  free(other);
  use_close(&use);
}

enum { COLUMNS = 2 };

static const struct way ways[] = {
    {"a second time, with other contents in the states before", 0, 0},
    {"in parts of the axis", UINT64_MAX, 0},
    {"in columns (cut along inner)", COLUMNS, 0},
    {"merged from parts of the axis", UINT64_MAX, 1},
};

static void cut(const struct trial *trial, enum pattern pattern) {
  struct use use;
  if (use_open(trial, &use)) broken("%s: %s", trial->label, failure_text(use.job));
  uint64_t n;
  uint8_t *in = input_values(&use, pattern, &n);
  struct reducing r = reducing_of(&use, in);
  uint8_t *out = need(malloc(r.outer * r.inner * r.out_size + 1));
  int32_t code = at_once(&r, out);
  if (code) judge_transform(trial, "the reduction", code, failure_text(use.job));
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
    if (ways[i].merges <= (int)use.plan.mergeable && (ways[i].width != COLUMNS || r.inner > COLUMNS))
      compare_way(&r, code, out, &ways[i]);
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
