/* SPDX-License-Identifier: MIT
 * extents.c: see extents.h. A plugin may lie, and what it places over something else is lost without a word. */
#include "core/job/extents.h"

#include <inttypes.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/host/job.h"
#include "core/io/sink.h"

static int32_t broken(canon_job *job, uint64_t offset, const char *what) {
  return canon_fail(job, CANON_E_PLUGIN, CANON_NONE,
                    "plugin %s placed a tensor at byte %" PRIu64 " of the output, %s; report it to its author",
                    job_plugin_called(job_of(job)), offset, what);
}

int32_t extents_add(canon_job *job, struct extents *extents, const struct extent *extent) {
  if (!extent->bytes && extent->sink) return CANON_OK;
  if (!extent->sink) return broken(job, extent->offset, "but in no file");
  if (extent->offset > INT64_MAX || extent->bytes > INT64_MAX - extent->offset)
    return broken(job, extent->offset, "where no file reaches");
  void *list = extents->list;
  if (!mem_reserve(&list, sizeof *extent, &extents->capacity, extents->n + 1))
    return canon_fail(job, CANON_E_MEMORY, CANON_NONE, "out of memory");
  extents->list = list;
  extents->list[extents->n++] = *extent;
  return CANON_OK;
}

static int by_place(const void *a, const void *b) {
  const struct extent *x = a, *y = b;
  if (x->sink != y->sink) return (uintptr_t)x->sink < (uintptr_t)y->sink ? -1 : 1;
  return x->offset < y->offset ? -1 : x->offset > y->offset;
}

int32_t extents_check(canon_job *job, struct extents *extents, const canon_sink *sink) {
  struct extent *list = extents->list;
  if (extents->n) qsort(list, extents->n, sizeof *list, by_place);
  for (size_t i = 0; i < extents->n; i++) {
    uint64_t end = list[i].offset + list[i].bytes;
    if (i + 1 < extents->n && list[i].sink == list[i + 1].sink && list[i + 1].offset < end)
      return broken(job, list[i + 1].offset, "over another one");
    if (list[i].sink == sink && end > sink_length(sink)) return broken(job, list[i].offset, "and then cut it off");
  }
  return CANON_OK;
}

void extents_free(struct extents *extents) { mem_free(extents->list); }
