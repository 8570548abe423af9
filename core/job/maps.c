/* SPDX-License-Identifier: MIT
 * maps.c: maps, in blocks.
 *
 *   slabs:    a block is some whole [axis, inner] slabs, contiguous on both ends
 *   columns:  a slab is larger than a block; a block is all of the axis at some inner positions, gathered and scattered
 */
#include "core/base/crc32.h"
#include "core/base/mem.h"
#include "core/job/blocks.h"

/* How a group is cut, and what its blocks leave behind. */
struct cutting {
  const struct group *group;
  uint64_t blocks;
  uint64_t rows;  /* slabs a block */
  uint64_t width; /* columns: inner positions a block; 0: slabs */
  uint64_t column_blocks;
  uint64_t buffer_bytes;
  uint32_t *crcs;      /* one a block, or NULL */
  uint64_t *crc_bytes; /* and how many bytes it is of */
};

/* The widest element that lies in a block's buffer on its way. */
static uint64_t widest(const struct group *group) {
  uint64_t size = canon_dtype_size(group->in_dtype);
  for (size_t i = 0; i < group->n_links; i++) size = larger(size, canon_dtype_size(group->links[i].plan.out.dtype));
  return size;
}

/* All of the axis at some outer and inner positions. */
struct place {
  uint64_t first_outer, outer, first_inner, inner;
};

static int32_t map(const struct link *link, struct job *job, const canon_block *block) {
  struct speaker before = link_enter(job, link);
  int32_t code = job_checked(job, link->transform->transform.map(job_public(job), link->self, block));
  link_leave(job, &before);
  return code;
}

/* One block through one transform. To an elementwise one the tensor is a row of elements, of which a block of columns
 * holds as many runs as the axis is long. */
static int32_t transform_place(const struct group *group, const struct link *link, struct job *job,
                               const struct place *place, const void *in, void *out) {
  const canon_cut whole = group_cut(group, link);
  canon_block block = cut_block(&whole);
  int elementwise = link->plan.axis == 1 && link->plan.inner == 1;
  uint64_t runs = elementwise && place->inner != group->inner ? group->axis : 1;
  uint64_t elements = place->outer * group->axis * place->inner / runs;
  int32_t code = CANON_OK;
  block.outer = elementwise ? elements : place->outer;
  block.axis = whole.axis;
  block.inner = elementwise ? 1 : place->inner;
  block.first_inner = elementwise ? 0 : place->first_inner;
  for (uint64_t i = 0; !code && i < runs; i++) {
    block.in = (const char *)in + i * elements * canon_dtype_size(whole.in_dtype);
    block.out = (char *)out + i * elements * canon_dtype_size(whole.out_dtype);
    block.first_outer =
        elementwise ? (place->first_outer * group->axis + i) * group->inner + place->first_inner : place->first_outer;
    code = map(link, job, &block);
  }
  return code;
}

/* One block through the group's transforms. *at is where it ends up: one of the two buffers. */
static int32_t transform_block(const struct group *group, struct job *job, const struct place *place, void *buffers[2],
                               void **at) {
  void *here = buffers[0], *there = buffers[1];
  for (size_t i = 0; i < group->n_links; i++) {
    const struct link *link = &group->links[i];
    int in_place = (link->transform->transform.flags & CANON_TRANSFORM_IN_PLACE) &&
                   canon_dtype_size(link->in.dtype) == canon_dtype_size(link->plan.out.dtype);
    int32_t code = transform_place(group, link, job, place, here, in_place ? here : there);
    if (code) return code;
    if (!in_place) {
      void *swapped = here;
      here = there;
      there = swapped;
    }
  }
  *at = here;
  return CANON_OK;
}

static int32_t run_slabs(const struct cutting *cut, canon_job *job, uint64_t i, void *buffers[2]) {
  const struct group *group = cut->group;
  uint64_t slab = group->axis * group->inner;
  uint64_t rows = smaller(group->outer - i * cut->rows, cut->rows);
  uint64_t first = i * cut->rows * slab, count = rows * slab;
  const struct place place = {.first_outer = i * cut->rows, .outer = rows, .inner = group->inner};
  void *at = buffers[0];
  int32_t code = group->origin->read(group->origin->ctx, job, first, count, buffers[0]);
  if (!code) code = transform_block(group, job_of(job), &place, buffers, &at);
  if (code) return code;
  group_to_file_order(group, at, count);
  if (cut->crcs) {
    cut->crc_bytes[i] = count * canon_dtype_size(group->out_dtype);
    cut->crcs[i] = crc32_update(0, at, cut->crc_bytes[i]);
  }
  code = group->target->write(group->target->ctx, job, first, count, at);
  return code ? code : group_advance(group, job, count);
}

static int32_t run_columns(const struct cutting *cut, canon_job *job, uint64_t i, void *buffers[2]) {
  const struct group *group = cut->group;
  uint64_t outer = i / cut->column_blocks, column = i % cut->column_blocks * cut->width;
  uint64_t width = smaller(group->inner - column, cut->width);
  uint64_t first = outer * group->axis * group->inner + column;
  uint64_t in_run = width * canon_dtype_size(group->in_dtype), out_run = width * canon_dtype_size(group->out_dtype);
  int32_t code = CANON_OK;
  for (uint64_t a = 0; !code && a < group->axis; a++)
    code =
        group->origin->read(group->origin->ctx, job, first + a * group->inner, width, (char *)buffers[0] + a * in_run);
  const struct place place = {.first_outer = outer, .outer = 1, .first_inner = column, .inner = width};
  void *at = buffers[0];
  if (!code) code = transform_block(group, job_of(job), &place, buffers, &at);
  if (code) return code;
  group_to_file_order(group, at, group->axis * width);
  for (uint64_t a = 0; !code && a < group->axis; a++)
    code = group->target->write(group->target->ctx, job, first + a * group->inner, width, (char *)at + a * out_run);
  return code ? code : group_advance(group, job, group->axis * width);
}

static int32_t run_block(canon_job *job, void *ctx, uint64_t i) {
  const struct cutting *cut = ctx;
  int two = cut->group->n_links > 0;
  void *buffers[2] = {job_workspace(job_of(job), 0, cut->buffer_bytes), NULL};
  if (buffers[0] && two) buffers[1] = job_workspace(job_of(job), 1, cut->buffer_bytes);
  if (!buffers[0] || (two && !buffers[1])) return canon_failed(job);
  return cut->width ? run_columns(cut, job, i, buffers) : run_slabs(cut, job, i, buffers);
}

static int32_t run_blocks(struct cutting *cut) {
  canon_job *job = job_public(cut->group->job);
  if (cut->group->origin->random && cut->group->target->random && cut->blocks > FEW_BLOCKS)
    return job->host->parallel(job, cut->blocks, run_block, cut);
  int32_t code = CANON_OK;
  for (uint64_t i = 0; !code && i < cut->blocks; i++) code = run_block(job, cut, i);
  return code;
}

static struct cutting cut_group(const struct group *group) {
  uint64_t size = widest(group), slab = group->axis * group->inner;
  struct cutting cut = {.group = group};
  cut.rows = larger(1, smaller(group->outer, BLOCK_BYTES / (slab * size)));
  cut.blocks = (group->outer + cut.rows - 1) / cut.rows;
  cut.buffer_bytes = cut.rows * slab * size;
  if (group->inner == 1 || slab * size <= COLUMN_BYTES) return cut;
  cut.width = smaller(group->inner, larger(COLUMN_BYTES / (group->axis * size), COLUMN_RUN / size));
  cut.column_blocks = (group->inner + cut.width - 1) / cut.width;
  cut.blocks = group->outer * cut.column_blocks;
  cut.buffer_bytes = group->axis * cut.width * size;
  return cut;
}

int maps_cut_slabs(const struct group *group) { return cut_group(group).width != 0; }

int32_t maps_run(const struct group *group, uint32_t *crc, int *crc_known) {
  struct cutting cut = cut_group(group);
  canon_job *job = job_public(group->job);
  int32_t code = CANON_OK;
  if (crc) *crc_known = !cut.width;
  if (crc && !cut.width) {
    cut.crcs = mem_alloc(cut.blocks * sizeof *cut.crcs);
    cut.crc_bytes = mem_alloc(cut.blocks * sizeof *cut.crc_bytes);
    if (!cut.crcs || !cut.crc_bytes) code = canon_fail(job, CANON_E_MEMORY, CANON_NONE, "out of memory");
  }
  if (!code) code = run_blocks(&cut);
  for (uint64_t i = 0; !code && cut.crcs && i < cut.blocks; i++) *crc = crc32_join(*crc, cut.crcs[i], cut.crc_bytes[i]);
  mem_free(cut.crcs);
  mem_free(cut.crc_bytes);
  return code;
}
