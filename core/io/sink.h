/* SPDX-License-Identifier: MIT
 * sink.h: bytes to write. A file sink is a file without a name (or with a temporary one) until it is committed. */
#ifndef CANON_IO_SINK_H
#define CANON_IO_SINK_H

#include <canon/abi.h>

/* May this output be made at all? Says so before anything is read: an existing file without force, a missing folder. */
int32_t sink_check(canon_job *job, const char *path, int force);
/* "-": standard output, which gets its bytes at commit; so does a device or a pipe. */
int32_t sink_create(canon_job *job, const char *path, int force, canon_sink **sink);
/* A folder, made beside the output under a hidden name and exchanged with it at commit. With force an old folder is
 * replaced only if it holds no file that the new one does not have. */
int32_t sink_check_folder(canon_job *job, const char *path, int force);
int32_t sink_create_folder(canon_job *job, const char *path, int force, canon_sink **sink);
/* A file of it; name is relative, without "." or "..". Closed with the folder; written from any thread. */
int32_t sink_member(canon_job *job, canon_sink *folder, const char *name, canon_sink **member);
int32_t sink_scratch(canon_job *job, canon_sink **sink);
int32_t sink_in_memory(canon_job *job, canon_sink **sink);

int32_t sink_write(canon_job *job, canon_sink *sink, uint64_t offset, const void *bytes, uint64_t n);
int32_t sink_truncate(canon_job *job, canon_sink *sink, uint64_t bytes);
int32_t sink_read(canon_job *job, canon_sink *sink, uint64_t offset, void *bytes, uint64_t n);
uint64_t sink_length(const canon_sink *sink);
int sink_descriptor(const canon_sink *sink); /* -1: in memory */
const uint8_t *sink_memory(const canon_sink *sink);

/* fsync, then the name. After a failure the old output is as it was. */
int32_t sink_commit(canon_job *job, canon_sink *sink);
void sink_close(canon_sink *sink); /* what was not committed is gone */

#endif
