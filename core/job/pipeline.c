/* SPDX-License-Identifier: MIT
 * pipeline.c: see pipeline.h.
 *
 * A tensor is cut as [outer, axis, inner]. Transforms that agree on axis and inner (elementwise ones agree with all) form
 * a group and share a block; between groups the tensor lies in a temporary file.
 *
 *   slabs:    a block is some whole [axis, inner] slabs, contiguous on both ends
 *   columns:  a slab is larger than a block; a block is all of the axis at some inner positions, gathered and scattered */
#include "core/job/pipeline.h"

#include <stdatomic.h>
#include <string.h>

#include "core/base/crc32.h"
#include "core/base/mem.h"
#include "core/io/sink.h"
#include "core/io/source.h"
#include "core/job/bytes.h"

enum {
  BLOCK_BYTES = 256 << 10,
  COLUMN_BYTES = 16 << 20, /* a block of columns, which is slow to gather, may be this large */
  COLUMN_RUN = 64,         /* and is at least so many bytes wide */
  FEW_BLOCKS = 4           /* not worth a thread */
};

struct group {
  struct job *job;
  const struct link *links;
  size_t n_links;
  uint32_t in_dtype, out_dtype;
  uint64_t outer, axis, inner;
  uint64_t rows;  /* slabs a block */
  uint64_t width; /* columns: inner positions a block; 0: slabs */
  uint64_t blocks, column_blocks;
  const struct origin *origin;
  const struct target *target;
  struct progress *progress; /* NULL: counted before */
  uint32_t *crcs;      /* one a block, or NULL */
  uint64_t *crc_bytes; /* and how many bytes it is of */
};

uint64_t tensor_elements(const canon_tensor *tensor) {
  uint64_t n = 1;
  for (uint32_t i = 0; i < tensor->rank; i++) n *= tensor->shape[i];
  return n;
}

static uint32_t larger(uint32_t a, uint32_t b) { return a > b ? a : b; }

/* The widest element that lies in a block's buffer on its way. */
static uint32_t widest(const struct group *group) {
  uint32_t size = canon_dtype_size(group->in_dtype);
  for (size_t i = 0; i < group->n_links; i++) size = larger(size, canon_dtype_size(group->links[i].plan.out.dtype));
  return size;
}

/* One block through the group's transforms. *at is where it ends up: one of the two buffers. */
static int32_t transform_block(const struct group *group, struct job *job, void *first, void *second, uint64_t outer, uint64_t inner,
                               void **at) {
  void *here = first, *there = second;
  for (size_t i = 0; i < group->n_links; i++) {
    const struct link *link = &group->links[i];
    int in_place = (link->transform->transform.flags & CANON_TRANSFORM_IN_PLACE) &&
                   canon_dtype_size(link->in.dtype) == canon_dtype_size(link->plan.out.dtype);
    canon_block block = {.struct_size = sizeof block, .in_dtype = link->in.dtype, .out_dtype = link->plan.out.dtype};
    block.in = here;
    block.out = in_place ? here : there;
    int elementwise = link->plan.axis == 1 && link->plan.inner == 1;
    block.outer = elementwise ? outer * group->axis * inner : outer;
    block.axis = elementwise ? 1 : group->axis;
    block.inner = elementwise ? 1 : inner;
    const char *before = job_plugin(job, link->plugin);
    int32_t code = job_checked(job, link->transform->transform.map(job_public(job), link->self, &block));
    job_plugin(job, before);
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

static int32_t advance(const struct group *group, canon_job *job, uint64_t elements) {
  if (!group->progress) return CANON_OK;
  uint64_t bytes = elements * canon_dtype_size(group->in_dtype);
  uint64_t done = atomic_fetch_add(&group->progress->done, bytes) + bytes;
  return job->host->tick(job, done, group->progress->total);
}

static void to_file_order(const struct group *group, void *bytes, uint64_t elements) {
  if (group->target->little_endian) bytes_little_endian(group->out_dtype, bytes, elements);
}

static int32_t run_slabs(const struct group *group, canon_job *job, uint64_t i, void *buffers[2]) {
  uint64_t slab = group->axis * group->inner;
  uint64_t rows = group->outer - i * group->rows < group->rows ? group->outer - i * group->rows : group->rows;
  uint64_t first = i * group->rows * slab, count = rows * slab;
  void *at = buffers[0];
  int32_t code = group->origin->read(group->origin->ctx, job, first, count, buffers[0]);
  if (!code) code = transform_block(group, job_of(job), buffers[0], buffers[1], rows, group->inner, &at);
  if (code) return code;
  to_file_order(group, at, count);
  if (group->crcs) {
    group->crc_bytes[i] = count * canon_dtype_size(group->out_dtype);
    group->crcs[i] = crc32_update(0, at, group->crc_bytes[i]);
  }
  code = group->target->write(group->target->ctx, job, first, count, at);
  return code ? code : advance(group, job, count);
}

static int32_t run_columns(const struct group *group, canon_job *job, uint64_t i, void *buffers[2]) {
  uint64_t outer = i / group->column_blocks, column = i % group->column_blocks * group->width;
  uint64_t width = group->inner - column < group->width ? group->inner - column : group->width;
  uint64_t first = outer * group->axis * group->inner + column;
  uint64_t in_run = width * canon_dtype_size(group->in_dtype), out_run = width * canon_dtype_size(group->out_dtype);
  int32_t code = CANON_OK;
  for (uint64_t a = 0; !code && a < group->axis; a++)
    code = group->origin->read(group->origin->ctx, job, first + a * group->inner, width, (char *)buffers[0] + a * in_run);
  void *at = buffers[0];
  if (!code) code = transform_block(group, job_of(job), buffers[0], buffers[1], 1, width, &at);
  if (code) return code;
  to_file_order(group, at, group->axis * width);
  for (uint64_t a = 0; !code && a < group->axis; a++)
    code = group->target->write(group->target->ctx, job, first + a * group->inner, width, (char *)at + a * out_run);
  return code ? code : advance(group, job, group->axis * width);
}

static int32_t run_block(canon_job *job, void *ctx, uint64_t i) {
  const struct group *group = ctx;
  uint64_t elements = group->axis * (group->width ? group->width : group->rows * group->inner);
  uint64_t bytes = elements * widest(group);
  void *buffers[2] = {job_workspace(job_of(job), 0, bytes), NULL};
  if (buffers[0] && group->n_links) buffers[1] = job_workspace(job_of(job), 1, bytes);
  if (!buffers[0] || (group->n_links && !buffers[1])) return canon_failed(job);
  return group->width ? run_columns(group, job, i, buffers) : run_slabs(group, job, i, buffers);
}

static int32_t run_blocks(struct group *group) {
  canon_job *job = job_public(group->job);
  if (group->origin->random && group->target->random && group->blocks > FEW_BLOCKS)
    return job->host->parallel(job, group->blocks, run_block, group);
  int32_t code = CANON_OK;
  for (uint64_t i = 0; !code && i < group->blocks; i++) code = run_block(job, group, i);
  return code;
}

/* How the tensor is cut. Columns are asked for only where a slab does not fit a block. */
static void cut(struct group *group) {
  uint64_t size = widest(group), slab = group->axis * group->inner;
  group->rows = BLOCK_BYTES / (slab * size);
  if (group->rows < 1) group->rows = 1;
  group->blocks = (group->outer + group->rows - 1) / group->rows;
  if (group->inner == 1 || slab * size <= COLUMN_BYTES) return;
  group->width = COLUMN_BYTES / (group->axis * size);
  if (group->width * size < COLUMN_RUN) group->width = COLUMN_RUN / size;
  if (group->width > group->inner) group->width = group->inner;
  group->column_blocks = (group->inner + group->width - 1) / group->width;
  group->blocks = group->outer * group->column_blocks;
}

static int32_t join_crcs(const struct group *group, uint32_t *crc) {
  *crc = 0;
  for (uint64_t i = 0; i < group->blocks; i++) *crc = crc32_join(*crc, group->crcs[i], group->crc_bytes[i]);
  return CANON_OK;
}

static int32_t run_group(struct group *group, uint32_t *crc, int *crc_known) {
  canon_job *job = job_public(group->job);
  if (crc) *crc_known = !group->width;
  if (crc && !group->width) {
    group->crcs = mem_alloc(group->blocks * sizeof *group->crcs);
    group->crc_bytes = mem_alloc(group->blocks * sizeof *group->crc_bytes);
    if (!group->crcs || !group->crc_bytes) {
      mem_free(group->crcs);
      mem_free(group->crc_bytes);
      return canon_fail(job, CANON_E_MEMORY, CANON_NONE, "out of memory");
    }
  }
  int32_t code = run_blocks(group);
  if (!code && group->crcs) code = join_crcs(group, crc);
  mem_free(group->crcs);
  mem_free(group->crc_bytes);
  return code;
}

/* A temporary file as a target and then as an origin, elements in the machine's byte order. */
struct between {
  canon_sink *sink;
  canon_source *source;
  uint32_t size;
};

static int32_t between_write(void *ctx, canon_job *job, uint64_t first, uint64_t count, const void *src) {
  struct between *between = ctx;
  return sink_write(job, between->sink, first * between->size, src, count * between->size);
}

static int32_t between_read(void *ctx, canon_job *job, uint64_t first, uint64_t count, void *dst) {
  struct between *between = ctx;
  return source_read(job, between->source, first * between->size, dst, count * between->size);
}

static int32_t between_open(canon_job *job, uint32_t dtype, struct between *between) {
  between->size = canon_dtype_size(dtype);
  int32_t code = sink_scratch(job, &between->sink);
  if (!code) code = source_from_descriptor(job, "a temporary file", sink_descriptor(between->sink), &between->source);
  return code;
}

static void between_close(struct between *between) {
  source_close(between->source);
  sink_close(between->sink);
}

/* The links that one block can go through, from the first one on. */
static size_t group_links(const struct link *links, size_t n, uint64_t *axis, uint64_t *inner) {
  size_t taken = 0;
  *axis = *inner = 1;
  for (; taken < n; taken++) {
    const canon_plan *plan = &links[taken].plan;
    if (plan->axis == 1 && plan->inner == 1) continue;
    if ((*axis != 1 || *inner != 1) && (*axis != plan->axis || *inner != plan->inner)) break;
    *axis = plan->axis;
    *inner = plan->inner;
  }
  return taken;
}

int32_t pipeline_run(struct job *job, const canon_tensor *in, const struct link *links, size_t n_links, const struct origin *origin,
                     const struct target *target, struct progress *progress, uint32_t *crc, int *crc_known) {
  uint64_t elements = tensor_elements(in);
  if (crc) {
    *crc = 0;
    *crc_known = 1;
  }
  if (elements == 0) return CANON_OK;

  struct between here = {0}, next = {0};
  struct origin from = *origin;
  uint32_t dtype = in->dtype;
  int32_t code = CANON_OK;
  size_t done = 0;
  for (int last = 0; !code && !last;) {
    struct group group = {.job = job, .links = links + done, .in_dtype = dtype, .progress = progress, .origin = &from};
    group.n_links = group_links(group.links, n_links - done, &group.axis, &group.inner);
    group.out_dtype = group.n_links ? group.links[group.n_links - 1].plan.out.dtype : dtype;
    group.outer = elements / (group.axis * group.inner);
    cut(&group);
    if (group.width && !from.random) { /* gather from a copy: this group is the identity */
      group.n_links = 0;
      group.out_dtype = dtype;
      group.axis = group.inner = 1;
      group.width = 0;
      group.outer = elements;
      cut(&group);
    }
    last = done + group.n_links == n_links && !(group.width && !target->random) && (group.n_links > 0 || n_links == done);
    struct target to = *target;
    if (!last) {
      code = between_open(job_public(job), group.out_dtype, &next);
      to = (struct target){.ctx = &next, .write = between_write, .random = 1};
    }
    group.target = &to;
    if (!code) code = run_group(&group, last ? crc : NULL, crc_known);
    between_close(&here);
    here = next;
    next = (struct between){0};
    progress = NULL;
    from = (struct origin){.ctx = &here, .read = between_read, .random = 1};
    done += group.n_links;
    dtype = group.out_dtype;
  }
  between_close(&here);
  return code;
}
