/* SPDX-License-Identifier: MIT
 * map.c: what map() gives may not depend on how the host cut the tensor, on threads, or on where the result lies. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tests/conform/trial.h"

struct mapping {
  const struct trial *trial;
  uint8_t *in; /* all of the tensor */
  uint64_t n, outer, axis, inner;
  uint32_t in_size, out_size;
  uint8_t *out; /* as one block gives it */
  int32_t code; /* with this status */
};

static int32_t map_block(struct use *use, canon_job *job, const canon_block *part) {
  canon_block *block = block_new(use, part);
  step("%s: map(outer %" PRIu64 ", axis %" PRIu64 ", inner %" PRIu64 ", from outer %" PRIu64 ", inner %" PRIu64 " on)",
       use->trial->label, part->outer, part->axis, part->inner, part->first_outer, part->first_inner);
  int32_t code = returned(job, "map()", use->trial->transform->map(job, use->self, block));
  block_free(block);
  return code;
}

/* `count` slabs from `first` on. */
static canon_block slabs(const struct mapping *m, const void *in, void *out, uint64_t first, uint64_t count) {
  return (canon_block){.in = in, .out = out, .outer = count, .axis = m->axis, .inner = m->inner, .first_outer = first};
}

static struct use open_use(const struct trial *trial) {
  struct use use;
  if (use_open(trial, &use)) broken("%s: %s", trial->label, failure_text(use.job));
  return use;
}

/* The first element that is not as the whole gave it. */
static void compare(const struct mapping *m, const uint8_t *out, const char *how) {
  for (uint64_t i = 0; i < m->n * m->out_size; i++)
    if (out[i] != m->out[i])
      broken("%s: element %" PRIu64 " of the result is not the same %s", m->trial->label, i / m->out_size, how);
}

static void compare_code(const struct mapping *m, int32_t code, const char *how) {
  if (code != m->code)
    broken("%s: map() gives %" PRId32 " for the whole and %" PRId32 " %s", m->trial->label, m->code, code, how);
}

/* ---- the ways to cut ---- */

/* Pieces of 1, 2, 3, 5, 8, ... slabs. */
static void in_pieces(const struct mapping *m, const struct use *whole) {
  struct use use = open_use(m->trial);
  uint8_t *out = need(malloc(m->n * m->out_size + 1));
  uint64_t slab = m->axis * m->inner, count = 1, before = 1;
  int32_t code = CANON_OK;
  for (uint64_t first = 0; !code && first < m->outer;) {
    count = fewer(count, m->outer - first);
    uint64_t elements = count * slab;
    uint8_t *part_in = need(fence_alloc(elements * m->in_size, m->in_size, 0)),
            *part_out = need(fence_alloc(elements * m->out_size, m->out_size, 0x5a));
    memcpy(part_in, m->in + first * slab * m->in_size, elements * m->in_size);
    canon_block part = slabs(m, part_in, part_out, first, count);
    code = map_block(&use, use.job, &part);
    if (memcmp(part_in, m->in + first * slab * m->in_size, elements * m->in_size) != 0)
      broken("%s: map() changed its input, with the result elsewhere", m->trial->label);
    memcpy(out + first * slab * m->out_size, part_out, elements * m->out_size);
    fence_free(part_in);
    fence_free(part_out);
    first += count;
    uint64_t next = count + before;
    before = count;
    count = next;
  }
  compare_code(m, code, "in pieces");
  if (!code) compare(m, out, "in pieces (cut along outer), with other contents in out before");
  if (!code) compare_counts(whole, &use, "in pieces");
  free(out);
  use_close(&use);
}

static void gather(uint8_t *part, const uint8_t *all, const struct mapping *m, uint64_t outer, uint64_t column,
                   uint64_t width, uint32_t size) {
  for (uint64_t a = 0; a < m->axis; a++)
    memcpy(part + a * width * size, all + ((outer * m->axis + a) * m->inner + column) * size, width * size);
}

static void scatter(uint8_t *all, const uint8_t *part, const struct mapping *m, uint64_t outer, uint64_t column,
                    uint64_t width, uint32_t size) {
  for (uint64_t a = 0; a < m->axis; a++)
    memcpy(all + ((outer * m->axis + a) * m->inner + column) * size, part + a * width * size, width * size);
}

/* All of the axis at some inner positions. */
static void in_columns(const struct mapping *m, const struct use *whole) {
  enum { WIDTH = 3 };
  if (m->inner == 1) return;
  struct use use = open_use(m->trial);
  uint8_t *out = need(malloc(m->n * m->out_size + 1));
  int32_t code = CANON_OK;
  for (uint64_t o = 0; !code && o < m->outer; o++) {
    for (uint64_t column = 0; !code && column < m->inner; column += WIDTH) {
      uint64_t width = fewer(WIDTH, m->inner - column), elements = m->axis * width;
      uint8_t *part_in = need(fence_alloc(elements * m->in_size, m->in_size, 0)),
              *part_out = need(fence_alloc(elements * m->out_size, m->out_size, 0x5a));
      gather(part_in, m->in, m, o, column, width, m->in_size);
      canon_block part = {.in = part_in,
                          .out = part_out,
                          .outer = 1,
                          .axis = m->axis,
                          .inner = width,
                          .first_outer = o,
                          .first_inner = column};
      code = map_block(&use, use.job, &part);
      scatter(out, part_out, m, o, column, width, m->out_size);
      fence_free(part_in);
      fence_free(part_out);
    }
  }
  compare_code(m, code, "in columns");
  if (!code) compare(m, out, "in columns (cut along inner)");
  if (!code) compare_counts(whole, &use, "in columns");
  free(out);
  use_close(&use);
}

static void in_place(const struct mapping *m) {
  if (!(m->trial->transform->flags & CANON_TRANSFORM_IN_PLACE) || m->in_size != m->out_size) return;
  struct use use = open_use(m->trial);
  uint8_t *both = need(fence_alloc(m->n * m->in_size, m->in_size, 0));
  memcpy(both, m->in, m->n * m->in_size);
  canon_block all = slabs(m, both, both, 0, m->outer);
  int32_t code = map_block(&use, use.job, &all);
  compare_code(m, code, "in place");
  if (!code) compare(m, both, "in place (out == in), which CANON_TRANSFORM_IN_PLACE allows");
  fence_free(both);
  use_close(&use);
}

struct crew {
  const struct mapping *mapping;
  struct use *use;
  uint8_t *out;
};

enum { SHARES = 12 };

static int32_t map_share(canon_job *job, void *ctx, uint64_t i) {
  const struct crew *crew = ctx;
  const struct mapping *m = crew->mapping;
  uint64_t slab = m->axis * m->inner, first = m->outer * i / SHARES, end = m->outer * (i + 1) / SHARES;
  if (first == end) return CANON_OK;
  canon_block part =
      slabs(m, m->in + first * slab * m->in_size, crew->out + first * slab * m->out_size, first, end - first);
  return map_block(crew->use, job, &part);
}

/* A failing thread stops the others, so only what is not refused is compared. */
static void in_threads(const struct mapping *m, const struct use *whole) {
  if (m->code) return;
  struct use use = open_use(m->trial);
  struct crew crew = {.mapping = m, .use = &use, .out = need(fence_alloc(m->n * m->out_size, m->out_size, 0x5a))};
  compare_code(m, use.job->host->parallel(use.job, SHARES, map_share, &crew), "on several threads");
  compare(m, crew.out, "on several threads");
  compare_counts(whole, &use, "on several threads");
  fence_free(crew.out);
  use_close(&use);
}

/* ---- */

static void cut(const struct trial *trial, enum pattern pattern) {
  struct use whole = open_use(trial);
  struct mapping m = {.trial = trial, .axis = whole.plan.axis, .inner = whole.plan.inner};
  m.in_size = canon_dtype_size(trial->in.dtype);
  m.out_size = canon_dtype_size(whole.plan.out.dtype);
  m.in = input_values(&whole, pattern, &m.n);
  if (m.n) {
    m.outer = whole.whole->outer;
    m.out = need(fence_alloc(m.n * m.out_size, m.out_size, 0xa5));
    canon_block all = slabs(&m, m.in, m.out, 0, m.outer);
    m.code = map_block(&whole, whole.job, &all);
    if (m.code) judge_transform(trial, "map()", m.code, failure_text(whole.job));
    in_pieces(&m, &whole);
    in_columns(&m, &whole);
    in_place(&m);
    in_threads(&m, &whole);
    count_case();
  }
  fence_free(m.out);
  fence_free(m.in);
  use_close(&whole);
}

static int any;

static void map_all_ways(const struct trial *trial) {
  struct use use;
  int32_t code = use_open(trial, &use);
  int maps = !code && !use.plan.state_bytes;
  use_close(&use);
  if (!maps) return;
  any = 1;
  for (int pattern = 0; pattern < PATTERNS; pattern++) cut(trial, (enum pattern)pattern);
}

void rule_blocks(const struct subject *subject) {
  each_trial(subject, map_all_ways);
  if (!any) nothing_to_do("it has no transform that maps");
}
