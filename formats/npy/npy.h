/* SPDX-License-Identifier: MIT
 * npy.h: the callbacks of the npy plugin. What a .npy file is: formats/common/npy_header.h. */
#ifndef CANON_FORMATS_NPY_H
#define CANON_FORMATS_NPY_H

#include "formats/common/npy_header.h"

/* reader.c */
int32_t npy_open(canon_job *job, const canon_instance *instance, const canon_source *source, void **reader);
int32_t npy_manifest(canon_job *job, void *reader, canon_manifest *manifest);
int32_t npy_read(canon_job *job, void *reader, uint64_t node, uint64_t first, uint64_t count, void *dst);
void npy_close(canon_job *job, void *reader);

/* writer.c */
int32_t npy_can_write(canon_job *job, const canon_instance *instance, const canon_manifest *manifest);
int32_t npy_begin(canon_job *job, const canon_instance *instance, const canon_manifest *manifest, canon_sink *sink,
                  void **writer);
int32_t npy_place(canon_job *job, void *writer, uint64_t node, canon_extent *extent);
int32_t npy_end(canon_job *job, void *writer, const canon_written *written, uint64_t n_written, uint32_t written_size);
void npy_release(canon_job *job, void *writer);

#endif
