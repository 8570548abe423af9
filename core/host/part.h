/* SPDX-License-Identifier: MIT
 * part.h: formats inside formats: a source that a format hands on to the one that knows it, a sink likewise. */
#ifndef CANON_HOST_PART_H
#define CANON_HOST_PART_H

#include <canon/format.h>

int32_t part_open(canon_job *job, const canon_source *source, canon_part **part, struct canon_manifest *manifest);
int32_t part_read(canon_job *job, canon_part *part, uint64_t node, uint64_t first, uint64_t count, void *dst);
const char *part_format(canon_job *job, const canon_part *part);
const char *part_name_format(canon_job *job, const char *name);
int32_t part_check(canon_job *job, const char *name, const struct canon_manifest *manifest);
int32_t part_begin(canon_job *job, const char *name, const struct canon_manifest *manifest, canon_sink *sink,
                   canon_part **part);
int32_t part_place(canon_job *job, canon_part *part, uint64_t node, struct canon_extent *extent);
int32_t part_end(canon_job *job, canon_part *part, const struct canon_written *written, uint64_t n_written,
                 uint32_t written_size);
void part_release(canon_job *job, canon_part *part);

canon_part **part_next(canon_part *part);   /* the list that a job keeps of them */
int part_is_random(const canon_part *part); /* may it be read in any order and from several threads at once? */
/* All parts of a job that are still open. */
void parts_close(canon_job *job, canon_part *first);

#endif
