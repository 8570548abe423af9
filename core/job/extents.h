/* SPDX-License-Identifier: MIT
 * extents.h: where a writer placed its tensors, and whether that can be. */
#ifndef CANON_JOB_EXTENTS_H
#define CANON_JOB_EXTENTS_H

#include <canon/canon.h>
#include <stddef.h>

struct extent {
  const canon_sink *sink;
  uint64_t offset, bytes;
};

struct extents {
  struct extent *list;
  size_t n, capacity;
};

/* Failures name the plugin that the job is calling. */
int32_t extents_add(canon_job *job, struct extents *extents, const struct extent *extent);
/* When all is written: that no two share a byte, and that none was cut off at the end of `sink`. */
int32_t extents_check(canon_job *job, struct extents *extents, const canon_sink *sink);
void extents_free(struct extents *extents);

#endif
