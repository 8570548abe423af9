/* SPDX-License-Identifier: MIT
 * pipeline.c: see pipeline.h.
 *
 * Transforms that agree on how a tensor is cut as [outer, axis, inner] (elementwise ones agree with all) form a group
 * and share a block; a reduction is a group of its own. Between groups the tensor lies in a temporary file. */
#include "core/job/pipeline.h"

#include <stdatomic.h>

#include "core/io/sink.h"
#include "core/io/source.h"
#include "core/job/blocks.h"
#include "core/job/bytes.h"

uint64_t tensor_elements(const canon_tensor *tensor) {
  uint64_t n = 1;
  for (uint32_t i = 0; i < tensor->rank; i++) n *= tensor->shape[i];
  return n;
}

int32_t group_advance(const struct group *group, canon_job *job, uint64_t elements) {
  if (!group->progress) return CANON_OK;
  uint64_t bytes = elements * canon_dtype_size(group->in_dtype);
  uint64_t done = atomic_fetch_add(&group->progress->done, bytes) + bytes;
  return job->host->tick(job, done, group->progress->total);
}

struct speaker link_enter(struct job *job, const struct link *link) {
  struct speaker before = {job_plugin(job, link->plugin), job_about(job, link->subject)};
  if (!link->subject) job_about(job, before.subject);
  return before;
}

void link_leave(struct job *job, const struct speaker *before) {
  job_plugin(job, before->plugin);
  job_about(job, before->subject);
}

canon_cut group_cut(const struct group *group, const struct link *link) {
  int elementwise = link->plan.axis == 1 && link->plan.inner == 1;
  uint64_t outer = elementwise ? group->outer * group->axis * group->inner : group->outer;
  return (canon_cut){.struct_size = sizeof(canon_cut),
                     .in_dtype = link->in.dtype,
                     .out_dtype = link->plan.out.dtype,
                     .outer = outer,
                     .axis = link->plan.axis,
                     .inner = link->plan.inner};
}

canon_block cut_block(const canon_cut *whole) {
  return (canon_block){.struct_size = sizeof(canon_block), .whole = whole};
}

void group_to_file_order(const struct group *group, void *elements, uint64_t n) {
  if (group->target->little_endian) bytes_little_endian(group->out_dtype, elements, n);
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

static int reduces(const struct link *link) { return link->plan.state_bytes != 0; }

/* The links that one block can go through, from the first one on. */
static size_t count_links(const struct link *links, size_t n, uint64_t *axis, uint64_t *inner) {
  size_t taken = 0;
  *axis = *inner = 1;
  if (n && reduces(links)) {
    *axis = links->plan.axis;
    *inner = links->plan.inner;
    return 1;
  }
  for (; taken < n && !reduces(&links[taken]); taken++) {
    const canon_plan *plan = &links[taken].plan;
    if (plan->axis == 1 && plan->inner == 1) continue;
    if ((*axis != 1 || *inner != 1) && (*axis != plan->axis || *inner != plan->inner)) break;
    *axis = plan->axis;
    *inner = plan->inner;
  }
  return taken;
}

/* The next group of what is left. A group that needs any order on both ends and does not have it is put off: a copy to
 * a temporary file comes before or behind it. */
static struct group next_group(struct job *job, const canon_tensor *in, const struct link *links, size_t n_links,
                               const struct origin *from) {
  struct group group = {.job = job, .links = links, .in_dtype = in->dtype, .out_dtype = in->dtype, .origin = from};
  group.n_links = count_links(links, n_links, &group.axis, &group.inner);
  if (group.n_links) group.out_dtype = links[group.n_links - 1].plan.out.dtype;
  uint64_t slab = group.axis * group.inner, elements = tensor_elements(in);
  /* Of an empty axis the reductions are still as many as the result has places. */
  group.outer = slab            ? elements / slab
                : group.n_links ? tensor_elements(&links[0].plan.out) / larger(1, group.inner)
                                : 0;
  if ((group.n_links && reduces(links)) || from->random || elements == 0 || !maps_cut_slabs(&group)) return group;
  group.n_links = 0;
  group.out_dtype = in->dtype;
  group.axis = group.inner = 1;
  group.outer = elements;
  return group;
}

static int32_t run_group(const struct group *group, uint32_t *crc, int *crc_known) {
  if (!group->n_links || !reduces(group->links)) return group->outer ? maps_run(group, crc, crc_known) : CANON_OK;
  if (crc) *crc_known = 0;
  return reduction_run(group);
}

int32_t pipeline_run(struct job *job, const canon_tensor *in, const struct link *links, size_t n_links,
                     const struct origin *origin, const struct target *target, struct progress *progress, uint32_t *crc,
                     int *crc_known) {
  struct between here = {0}, next = {0};
  struct origin from = *origin;
  canon_tensor tensor = *in;
  int32_t code = CANON_OK;
  if (crc) {
    *crc = 0;
    *crc_known = 1;
  }
  for (int last = 0; !code && !last;) {
    struct group group = next_group(job, &tensor, links, n_links, &from);
    int reduction = group.n_links && reduces(group.links);
    int scatters = !reduction && group.outer && maps_cut_slabs(&group) && !target->random;
    last = group.n_links == n_links && !scatters;
    struct target to = *target;
    if (!last) {
      code = between_open(job_public(job), group.out_dtype, &next);
      to = (struct target){.ctx = &next, .write = between_write, .random = 1};
    }
    group.target = &to;
    group.progress = progress;
    if (!code) code = run_group(&group, last ? crc : NULL, crc_known);
    between_close(&here);
    here = next;
    next = (struct between){0};
    from = (struct origin){.ctx = &here, .read = between_read, .random = 1};
    progress = NULL;
    if (group.n_links) tensor = links[group.n_links - 1].plan.out;
    links += group.n_links;
    n_links -= group.n_links;
  }
  between_close(&here);
  return code;
}
