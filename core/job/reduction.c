/* SPDX-License-Identifier: MIT
 * reduction.c: one reduction over one tensor cut as [outer, axis, inner], through states.
 *
 *   short:  some whole slabs a block, each with its states, finished at once
 *   long:   a slab is larger than a block; its states take in the axis part by part: in order, or, where states may be
 *           merged, each thread a run of the axis of its own */
#include "core/base/mem.h"
#include "core/job/blocks.h"

enum { STATE_BYTES = 1 << 20 }; /* states of a block, and the results that they become */

struct reducing {
  const struct group *group;
  const struct link *link;
  canon_cut whole;
  uint64_t state; /* bytes of one */
  /* short */
  uint64_t rows, blocks;
  /* long: the columns [column, column + width) of one slab, the axis in `runs` runs of `run` elements */
  uint64_t outer, column, width, runs, run;
  uint64_t part; /* elements of the axis that a block takes */
  char *states;  /* of all runs */
};

static const canon_transform *transform_of(const struct reducing *r) { return &r->link->transform->transform; }

static int32_t begin(const struct reducing *r, canon_job *job, void *states, uint64_t n) {
  struct speaker before = link_enter(job_of(job), r->link);
  int32_t code = job_checked(job_of(job), transform_of(r)->begin(job, r->link->self, &r->whole, states, n));
  link_leave(job_of(job), &before);
  return code;
}

/* block: in and its place */
static int32_t add(const struct reducing *r, canon_job *job, void *states, const canon_block *block) {
  struct speaker before = link_enter(job_of(job), r->link);
  int32_t code = job_checked(job_of(job), transform_of(r)->add(job, r->link->self, states, block));
  link_leave(job_of(job), &before);
  return code;
}

/* The results at the places of `block`, which lie side by side in the output. */
static int32_t finish(const struct reducing *r, canon_job *job, const void *states, const canon_block *block) {
  uint64_t n = block->outer * block->inner;
  canon_block result = *block;
  result.in = NULL;
  result.out = job_workspace(job_of(job), 2, n * canon_dtype_size(r->group->out_dtype));
  if (!result.out) return canon_failed(job);
  result.axis = 1;
  result.first_axis = 0;
  struct speaker before = link_enter(job_of(job), r->link);
  int32_t code = job_checked(job_of(job), transform_of(r)->finish(job, r->link->self, states, &result));
  link_leave(job_of(job), &before);
  if (code) return code;
  group_to_file_order(r->group, result.out, n);
  return r->group->target->write(r->group->target->ctx, job, block->first_outer * r->group->inner + block->first_inner,
                                 n, result.out);
}

static int32_t run_short(canon_job *job, void *ctx, uint64_t i) {
  const struct reducing *r = ctx;
  const struct group *group = r->group;
  uint64_t rows = smaller(group->outer - i * r->rows, r->rows), slab = group->axis * group->inner;
  void *in = job_workspace(job_of(job), 0, r->rows * slab * canon_dtype_size(group->in_dtype));
  void *states = in ? job_workspace(job_of(job), 1, r->rows * group->inner * r->state) : NULL;
  if (!states) return canon_failed(job);
  canon_block block = cut_block(&r->whole);
  block.in = in;
  block.outer = rows;
  block.axis = group->axis;
  block.inner = group->inner;
  block.first_outer = i * r->rows;
  int32_t code = begin(r, job, states, rows * group->inner);
  if (!code && slab) code = group->origin->read(group->origin->ctx, job, i * r->rows * slab, rows * slab, in);
  if (!code && slab) code = add(r, job, states, &block);
  if (!code) code = finish(r, job, states, &block);
  return code ? code : group_advance(group, job, rows * slab);
}

static int32_t read_part(const struct reducing *r, canon_job *job, uint64_t first, uint64_t count, void *in) {
  const struct group *group = r->group;
  uint64_t at = (r->outer * group->axis + first) * group->inner + r->column, size = canon_dtype_size(group->in_dtype);
  if (r->width == group->inner) return group->origin->read(group->origin->ctx, job, at, count * group->inner, in);
  int32_t code = CANON_OK;
  for (uint64_t a = 0; !code && a < count; a++)
    code =
        group->origin->read(group->origin->ctx, job, at + a * group->inner, r->width, (char *)in + a * r->width * size);
  return code;
}

/* The columns of the slab, without elements. */
static canon_block columns(const struct reducing *r) {
  canon_block block = cut_block(&r->whole);
  block.outer = 1;
  block.inner = r->width;
  block.first_outer = r->outer;
  block.first_inner = r->column;
  return block;
}

/* One run of the axis into its states, in order. */
static int32_t run_long(canon_job *job, void *ctx, uint64_t i) {
  const struct reducing *r = ctx;
  void *states = r->states + i * r->width * r->state;
  void *in = job_workspace(job_of(job), 0, r->part * r->width * canon_dtype_size(r->group->in_dtype));
  if (!in) return canon_failed(job);
  canon_block block = columns(r);
  block.in = in;
  block.first_axis = i * r->run;
  uint64_t end = smaller(r->group->axis, (i + 1) * r->run);
  int32_t code = begin(r, job, states, r->width);
  for (; !code && block.first_axis < end; block.first_axis += block.axis) {
    block.axis = smaller(end - block.first_axis, r->part);
    code = read_part(r, job, block.first_axis, block.axis, in);
    if (!code) code = add(r, job, states, &block);
    if (!code) code = group_advance(r->group, job, block.axis * r->width);
  }
  return code;
}

static int32_t merge_runs(const struct reducing *r, canon_job *job) {
  struct speaker before = link_enter(job_of(job), r->link);
  int32_t code = CANON_OK;
  for (uint64_t i = 1; !code && i < r->runs; i++)
    code = job_checked(job_of(job), transform_of(r)->merge(job, r->link->self, &r->whole, r->states,
                                                           r->states + i * r->width * r->state, r->width));
  link_leave(job_of(job), &before);
  return code;
}

static int32_t reduce_columns(struct reducing *r) {
  canon_job *job = job_public(r->group->job);
  r->part = larger(1, BLOCK_BYTES / (r->width * canon_dtype_size(r->group->in_dtype)));
  uint64_t parts = (r->group->axis + r->part - 1) / r->part, wanted = 1;
  if (r->link->plan.mergeable && transform_of(r)->merge && r->group->origin->random)
    wanted = job_threads(r->group->job);
  r->run = (parts + wanted - 1) / wanted * r->part;
  r->runs = (r->group->axis + r->run - 1) / r->run;
  r->states = mem_alloc(r->runs * r->width * r->state);
  if (!r->states) return canon_fail(job, CANON_E_MEMORY, CANON_NONE, "out of memory");
  int32_t code = r->runs > 1 ? job->host->parallel(job, r->runs, run_long, r) : run_long(job, r, 0);
  if (!code) code = merge_runs(r, job);
  const canon_block block = columns(r);
  if (!code) code = finish(r, job, r->states, &block);
  mem_free(r->states);
  return code;
}

int32_t reduction_run(const struct group *group) {
  struct reducing r = {.group = group,
                       .link = group->links,
                       .whole = group_cut(group, group->links),
                       .state = group->links->plan.state_bytes};
  canon_job *job = job_public(group->job);
  uint64_t slab = group->axis * group->inner, size = canon_dtype_size(group->in_dtype);
  int32_t code = CANON_OK;
  if (slab * size <= BLOCK_BYTES && group->inner * r.state <= STATE_BYTES) {
    r.rows = larger(1, smaller(BLOCK_BYTES / larger(1, slab * size), STATE_BYTES / larger(1, group->inner * r.state)));
    r.rows = smaller(r.rows, group->outer);
    r.blocks = r.rows ? (group->outer + r.rows - 1) / r.rows : 0;
    if (group->origin->random && group->target->random && r.blocks > FEW_BLOCKS)
      return job->host->parallel(job, r.blocks, run_short, &r);
    for (uint64_t i = 0; !code && i < r.blocks; i++) code = run_short(job, &r, i);
    return code;
  }
  /* An origin in order cannot come back for the next columns. */
  uint64_t width = group->origin->random ? larger(1, STATE_BYTES / r.state) : group->inner;
  for (r.outer = 0; !code && r.outer < group->outer; r.outer++)
    for (r.column = 0; !code && r.column < group->inner; r.column += width) {
      r.width = smaller(width, group->inner - r.column);
      code = reduce_columns(&r);
    }
  return code;
}
