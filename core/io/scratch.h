/* SPDX-License-Identifier: MIT
 * scratch.h: nameless temporary files, in $TMPDIR or /tmp, and whole writes to a descriptor. */
#ifndef CANON_IO_SCRATCH_H
#define CANON_IO_SCRATCH_H

#include <canon/abi.h>

int32_t scratch_open(canon_job *job, int *descriptor);
/* All the bytes, or a failure that tells why ("disk full"). */
int32_t scratch_write(canon_job *job, int descriptor, uint64_t offset, const void *bytes, uint64_t n);
/* A new file of that folder without a name, open for reading and writing; -1 where the file system has no such thing.
 */
int scratch_nameless(const char *folder, int mode);

#endif
