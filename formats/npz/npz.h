/* SPDX-License-Identifier: MIT
 * npz.h: what the files of the npz plugin share. A .npz file is a zip archive of .npy arrays: the names of its records,
 * less the suffix, are the keys of a flat dict. What is neither named nor made like an array is bytes; an array of what
 * no tensor holds, texts above all, is opaque. */
#ifndef CANON_FORMATS_NPZ_H
#define CANON_FORMATS_NPZ_H

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "formats/common/npy_header.h"
#include "formats/common/zip.h"

#define NPZ_SUFFIX ".npy"
#define NPZ_SUFFIX_BYTES 4

enum { NPZ_MOST_OTHER = 1 << 20 }; /* bytes of a record that is no array */

static inline int npz_is_array_name(const char *name, uint64_t size) {
  return size >= NPZ_SUFFIX_BYTES && !memcmp(name + size - NPZ_SUFFIX_BYTES, NPZ_SUFFIX, NPZ_SUFFIX_BYTES);
}

typedef struct npz_array {
  const zip_member *member; /* NULL: the node is no tensor */
  npy_bytes bytes;          /* in the archive or, once it was inflated, in the scratch file */
  npy_header header;
  int64_t *stride; /* NULL: C order */
  /* Made ready once, by whichever thread reads first: CRC-32 compared, inflated, turned into C order. */
  atomic_uint is_ready;
  npy_fortran turned;
  pthread_mutex_t lock;
} npz_array;

typedef struct npz_reader {
  zip_index zip;
  npz_array *arrays; /* of node i + 1 */
  canon_node *nodes; /* the dict, and one for each record */
  uint64_t n_nodes;
  uint64_t n_arrays, n_locks;
  uint64_t deflated, by_numpy, others; /* records */
  canon_detail details[3];
  pthread_mutex_t lock; /* of what follows */
  canon_sink *scratch_sink;
  canon_source *scratch_source;
  uint64_t scratch_used;
} npz_reader;

/* probe.c */
int32_t npz_probe(canon_job *job, const canon_source *source, uint32_t *bits);

/* open.c */
int32_t npz_open(canon_job *job, const canon_instance *instance, const canon_source *source, void **reader);
int32_t npz_manifest(canon_job *job, void *reader, canon_manifest *manifest);
void npz_close(canon_job *job, void *reader);

/* read.c */
int32_t npz_read(canon_job *job, void *reader, uint64_t node, uint64_t first, uint64_t count, void *dst);

/* write.c */
int32_t npz_can_write(canon_job *job, const canon_instance *instance, const canon_manifest *manifest);
int32_t npz_begin(canon_job *job, const canon_instance *instance, const canon_manifest *manifest, canon_sink *sink,
                  void **writer);
int32_t npz_place(canon_job *job, void *writer, uint64_t node, canon_extent *extent);
int32_t npz_end(canon_job *job, void *writer, const canon_written *written, uint64_t n_written, uint32_t written_size);
void npz_release(canon_job *job, void *writer);

#endif
