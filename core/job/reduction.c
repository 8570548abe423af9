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
  const char *before = job_plugin(job_of(job), r->link->plugin);
  int32_t code = job_checked(job_of(job), transform_of(r)->begin(job, r->link->self, r->group->in_dtype, states, n));
  job_plugin(job_of(job), before);
  return code;
}

static int32_t add(const struct reducing *r, canon_job *job, void *states, const void *in, uint64_t outer, uint64_t axis, uint64_t inner,
                   uint64_t first) {
  const canon_block block = {.struct_size = sizeof block, .in_dtype = r->group->in_dtype, .out_dtype = r->group->out_dtype, .in = in,
                             .outer = outer, .axis = axis, .inner = inner};
  const char *before = job_plugin(job_of(job), r->link->plugin);
  int32_t code = job_checked(job_of(job), transform_of(r)->add(job, r->link->self, states, &block, first));
  job_plugin(job_of(job), before);
  return code;
}

static int32_t finish(const struct reducing *r, canon_job *job, const void *states, uint64_t n, uint64_t first) {
  void *out = job_workspace(job_of(job), 2, n * canon_dtype_size(r->group->out_dtype));
  if (!out) return canon_failed(job);
  const canon_block result = {.struct_size = sizeof result, .in_dtype = r->group->in_dtype, .out_dtype = r->group->out_dtype, .out = out,
                              .outer = n, .axis = 1, .inner = 1};
  const char *before = job_plugin(job_of(job), r->link->plugin);
  int32_t code = job_checked(job_of(job), transform_of(r)->finish(job, r->link->self, states, &result));
  job_plugin(job_of(job), before);
  if (code) return code;
  group_to_file_order(r->group, out, n);
  return r->group->target->write(r->group->target->ctx, job, first, n, out);
}

static int32_t run_short(canon_job *job, void *ctx, uint64_t i) {
  const struct reducing *r = ctx;
  const struct group *group = r->group;
  uint64_t rows = smaller(group->outer - i * r->rows, r->rows), slab = group->axis * group->inner, n = rows * group->inner;
  void *in = job_workspace(job_of(job), 0, r->rows * slab * canon_dtype_size(group->in_dtype));
  void *states = in ? job_workspace(job_of(job), 1, r->rows * group->inner * r->state) : NULL;
  if (!states) return canon_failed(job);
  int32_t code = begin(r, job, states, n);
  if (!code && slab) code = group->origin->read(group->origin->ctx, job, i * r->rows * slab, rows * slab, in);
  if (!code && slab) code = add(r, job, states, in, rows, group->axis, group->inner, 0);
  if (!code) code = finish(r, job, states, n, i * r->rows * group->inner);
  return code ? code : group_advance(group, job, rows * slab);
}

static int32_t read_part(const struct reducing *r, canon_job *job, uint64_t first, uint64_t count, void *in) {
  const struct group *group = r->group;
  uint64_t at = (r->outer * group->axis + first) * group->inner + r->column, size = canon_dtype_size(group->in_dtype);
  if (r->width == group->inner) return group->origin->read(group->origin->ctx, job, at, count * group->inner, in);
  int32_t code = CANON_OK;
  for (uint64_t a = 0; !code && a < count; a++)
    code = group->origin->read(group->origin->ctx, job, at + a * group->inner, r->width, (char *)in + a * r->width * size);
  return code;
}

/* One run of the axis into its states, in order. */
static int32_t run_long(canon_job *job, void *ctx, uint64_t i) {
  const struct reducing *r = ctx;
  void *states = r->states + i * r->width * r->state;
  void *in = job_workspace(job_of(job), 0, r->part * r->width * canon_dtype_size(r->group->in_dtype));
  if (!in) return canon_failed(job);
  uint64_t end = smaller(r->group->axis, (i + 1) * r->run);
  int32_t code = begin(r, job, states, r->width);
  for (uint64_t first = i * r->run; !code && first < end; first += r->part) {
    uint64_t count = smaller(end - first, r->part);
    code = read_part(r, job, first, count, in);
    if (!code) code = add(r, job, states, in, 1, count, r->width, first);
    if (!code) code = group_advance(r->group, job, count * r->width);
  }
  return code;
}

static int32_t merge_runs(const struct reducing *r, canon_job *job) {
  const char *before = job_plugin(job_of(job), r->link->plugin);
  int32_t code = CANON_OK;
  for (uint64_t i = 1; !code && i < r->runs; i++)
    code = job_checked(job_of(job),
                       transform_of(r)->merge(job, r->link->self, r->states, r->states + i * r->width * r->state, r->width));
  job_plugin(job_of(job), before);
  return code;
}

static int32_t reduce_columns(struct reducing *r) {
  canon_job *job = job_public(r->group->job);
  r->part = larger(1, BLOCK_BYTES / (r->width * canon_dtype_size(r->group->in_dtype)));
  uint64_t parts = (r->group->axis + r->part - 1) / r->part, wanted = 1;
  if (r->link->plan.mergeable && transform_of(r)->merge && r->group->origin->random) wanted = job_threads(r->group->job);
  r->run = (parts + wanted - 1) / wanted * r->part;
  r->runs = (r->group->axis + r->run - 1) / r->run;
  r->states = mem_alloc(r->runs * r->width * r->state);
  if (!r->states) return canon_fail(job, CANON_E_MEMORY, CANON_NONE, "out of memory");
  int32_t code = r->runs > 1 ? job->host->parallel(job, r->runs, run_long, r) : run_long(job, r, 0);
  if (!code) code = merge_runs(r, job);
  if (!code) code = finish(r, job, r->states, r->width, r->outer * r->group->inner + r->column);
  mem_free(r->states);
  return code;
}

int32_t reduction_run(const struct group *group) {
  struct reducing r = {.group = group, .link = group->links, .state = group->links->plan.state_bytes};
  canon_job *job = job_public(group->job);
  uint64_t slab = group->axis * group->inner, size = canon_dtype_size(group->in_dtype);
  int32_t code = CANON_OK;
  if (slab * size <= BLOCK_BYTES && group->inner * r.state <= STATE_BYTES) {
    r.rows = larger(1, smaller(BLOCK_BYTES / larger(1, slab * size), STATE_BYTES / larger(1, group->inner * r.state)));
    r.rows = smaller(r.rows, group->outer);
    r.blocks = r.rows ? (group->outer + r.rows - 1) / r.rows : 0;
    if (group->origin->random && group->target->random && r.blocks > FEW_BLOCKS) return job->host->parallel(job, r.blocks, run_short, &r);
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
