/* SPDX-License-Identifier: MIT
 * write.h: what write.c and write_pickle.c share. */
#ifndef CANON_FORMATS_PT_WRITE_H
#define CANON_FORMATS_PT_WRITE_H

#include <canon/format.h>

/* The pickle of a manifest that pt_can_write let pass: data.pkl's content, freed by the caller. */
int32_t pt_pickle_manifest(canon_job *job, const canon_manifest *manifest, uint8_t **bytes, uint64_t *size);

/* Is the tensor only held by an untyped storage (16- to 64-bit unsigned, 8-bit floats, ...)? */
int pt_is_untyped(uint32_t dtype);

#endif
