/* SPDX-License-Identifier: MIT
 * source.h: bytes to read: a regular file by pread, memory, or a spooled pipe. */
#ifndef CANON_IO_SOURCE_H
#define CANON_IO_SOURCE_H

#include <canon/abi.h>

/* "-" is standard input; a pipe is spooled to a nameless temporary file. Fails on folders and devices. */
int32_t source_open(canon_job *job, const char *path, canon_source **source);
int32_t source_from_memory(canon_job *job, const char *name, const void *bytes, uint64_t size, canon_source **source);
/* Over a descriptor that someone else closes; size is asked for at each call. */
int32_t source_from_descriptor(canon_job *job, const char *name, int descriptor, canon_source **source);
void source_close(canon_source *source);

uint64_t source_size(const canon_source *source);
const char *source_name(const canon_source *source);
int32_t source_read(canon_job *job, const canon_source *source, uint64_t offset, void *dst, uint64_t bytes);
/* Fails if the file is no longer the one that was opened (size or time of change). */
int32_t source_unchanged(canon_job *job, const canon_source *source);

#endif
