/* SPDX-License-Identifier: MIT
 * bytes.h: the byte order of files. */
#ifndef CANON_JOB_BYTES_H
#define CANON_JOB_BYTES_H

#include <stdint.h>

/* In place: elements of the machine's byte order to little-endian, each part of a complex number for itself. */
void bytes_little_endian(uint32_t dtype, void *elements, uint64_t n);

#endif
