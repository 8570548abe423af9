/* SPDX-License-Identifier: MIT
 * blocks.h: one group of transforms over one tensor, block by block. Called by pipeline.c alone. */
#ifndef CANON_JOB_BLOCKS_H
#define CANON_JOB_BLOCKS_H

#include "core/job/pipeline.h"

enum {
  BLOCK_BYTES = 256 << 10, /* a block stays in a core's second-level cache */
  COLUMN_BYTES = 16 << 20, /* a block of columns, which is slow to gather, may be this large */
  COLUMN_RUN = 64,         /* and is at least so many bytes wide */
  FEW_BLOCKS = 4           /* not worth a thread */
};

/* Links that share their blocks: a tensor cut as [outer, axis, inner]. */
struct group {
  struct job *job;
  const struct link *links;
  size_t n_links;
  uint32_t in_dtype, out_dtype;
  uint64_t outer, axis, inner;
  const struct origin *origin;
  const struct target *target;
  struct progress *progress; /* NULL: counted before */
};

/* The whole tensor as `link` planned it, and a block of it, to be filled in. */
canon_cut group_cut(const struct group *group, const struct link *link);
canon_block cut_block(const canon_cut *whole);

/* Maps: any number of links. Needs both ends random where a slab of [axis, inner] is cut (maps_cut_slabs). crc as for
 * pipeline_run. */
int maps_cut_slabs(const struct group *group);
int32_t maps_run(const struct group *group, uint32_t *crc, int *crc_known);

/* A reduction: one link. Both ends may be in order. */
int32_t reduction_run(const struct group *group);

/* Around each call of a link's transform: whose failures are now recorded, and about what. */
struct speaker {
  const char *plugin, *subject;
};
struct speaker link_enter(struct job *job, const struct link *link);
void link_leave(struct job *job, const struct speaker *before);

/* After so many elements of the input are done. */
int32_t group_advance(const struct group *group, canon_job *job, uint64_t elements);
void group_to_file_order(const struct group *group, void *elements, uint64_t n);

static inline uint64_t smaller(uint64_t a, uint64_t b) { return a < b ? a : b; }
static inline uint64_t larger(uint64_t a, uint64_t b) { return a > b ? a : b; }

#endif
