/* SPDX-License-Identifier: MIT
 * source.h: bytes to read: a regular file by pread, memory, a spooled pipe; or a folder, whose members are such bytes.
 */
#ifndef CANON_IO_SOURCE_H
#define CANON_IO_SOURCE_H

#include <canon/abi.h>

/* "-" is standard input; a pipe is spooled to a nameless temporary file. Fails on terminals and devices. */
int32_t source_open(canon_job *job, const char *path, canon_source **source);
int32_t source_from_memory(canon_job *job, const char *name, const void *bytes, uint64_t size, canon_source **source);
/* Over a descriptor that someone else closes; size is asked for at each call. */
int32_t source_from_descriptor(canon_job *job, const char *name, int descriptor, canon_source **source);
void source_close(canon_source *source);

uint64_t source_size(const canon_source *source);
const char *source_name(const canon_source *source);
int32_t source_read(canon_job *job, const canon_source *source, uint64_t offset, void *dst, uint64_t bytes);
/* Files below a folder; CANON_NONE if it is none. Members are opened for each read, so there may be any number. */
uint64_t source_members(const canon_source *source);
const char *source_member_name(const canon_source *source, uint64_t i);
int32_t source_member(canon_job *job, canon_source *source, uint64_t i, canon_source **member); /* closed with source */
/* Fails if the file (any member that was opened) is no longer the one that was opened (size or time of change). */
int32_t source_unchanged(canon_job *job, const canon_source *source);

#endif
