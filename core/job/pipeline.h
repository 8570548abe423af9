/* SPDX-License-Identifier: MIT
 * pipeline.h: one tensor's way from where it is read, through its transforms, to where it is written, in blocks.
 * Memory is bounded by block size times threads, whatever the tensor's size. */
#ifndef CANON_JOB_PIPELINE_H
#define CANON_JOB_PIPELINE_H

#include "core/host/job.h"
#include "core/host/registry.h"

/* One transform as it applies to one tensor. */
struct link {
  const struct registered_transform *transform;
  const char *plugin;  /* id, for messages */
  const char *subject; /* what they are about, "FILE#/path"; NULL: the file */
  void *self;
  canon_tensor in;
  canon_plan plan;
};

/* Where elements come from. `random`: any range, from several threads; otherwise ascending, from one. */
struct origin {
  void *ctx;
  int32_t (*read)(void *ctx, canon_job *job, uint64_t first, uint64_t count, void *dst);
  int random;
};

struct target {
  void *ctx;
  int32_t (*write)(void *ctx, canon_job *job, uint64_t first, uint64_t count, const void *src);
  int random;
  int little_endian; /* bytes of a file, not the machine's */
};

/* Bytes done of the whole job, for the listener. */
struct progress {
  _Atomic uint64_t done;
  uint64_t total;
};

/* crc, if not NULL, gets the CRC-32 of all that was written, or *crc_known = 0 where the blocks were not in order. */
int32_t pipeline_run(struct job *job, const canon_tensor *in, const struct link *links, size_t n_links,
                     const struct origin *origin, const struct target *target, struct progress *progress, uint32_t *crc,
                     int *crc_known);

uint64_t tensor_elements(const canon_tensor *tensor);

#endif
