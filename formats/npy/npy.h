/* SPDX-License-Identifier: MIT
 * npy.h: what the files of the npy plugin share.
 *
 *   93 'N' 'U' 'M' 'P' 'Y'  major minor  length (u16 in 1.0, u32 in 2.0 and 3.0)  text of `length` bytes  elements
 *
 * The text is a Python dict with the keys descr, fortran_order and shape. */
#ifndef CANON_FORMATS_NPY_H
#define CANON_FORMATS_NPY_H

#include <inttypes.h>

#include <canon/format.h>

#define NPY_MAGIC "\x93NUMPY"
#define NPY_MAGIC_BYTES 6

/* The longest text that npy_spell gives: 64 dimensions of at most 19 digits and ", ", with room for the rest.
 * It fits the u16 of version 1.0, so canon never has to write 2.0. */
#define NPY_TEXT_BYTES 2048
#define NPY_DESCR_BYTES 8

typedef struct npy_header {
  uint32_t version; /* the major one: 1, 2 or 3; the minor one is 0 */
  uint32_t dtype;
  uint32_t big_endian;
  uint32_t fortran;
  uint32_t spelled_by_numpy; /* the text is, byte for byte, what numpy.save writes */
  uint32_t rank;
  uint64_t shape[CANON_MAX_RANK];
  uint64_t elements;
  uint64_t bytes; /* of the elements */
  uint64_t data;  /* byte of the file at which they begin */
  char descr[NPY_DESCR_BYTES];
} npy_header;

/* header.c: reads and checks everything before the elements. */
int32_t npy_header_read(canon_job *job, const canon_instance *instance, const canon_source *source, npy_header *header);
/* Elements and bytes of a shape, with NumPy's bound: 2^63 - 1 bytes, zeros left out; 0 when it is over. */
int npy_shape_bytes(const uint64_t *shape, uint32_t rank, uint32_t dtype, uint64_t *elements, uint64_t *bytes);

/* dtype.c: a descr such as "<f4" becomes header->dtype and big_endian, or is refused by its name. */
int32_t npy_descr_read(canon_job *job, const canon_instance *instance, const char *text, uint64_t size, uint64_t offset,
                       npy_header *header);
/* A descr that is a list or a tuple: refused; text begins at its bracket. */
int32_t npy_descr_refuse_composite(canon_job *job, const char *text, uint64_t size, uint64_t offset);
/* The descr that a tensor is written with, or a refusal that names the ways out. */
int32_t npy_descr_write(canon_job *job, const canon_instance *instance, uint32_t dtype, char descr[NPY_DESCR_BYTES]);

/* spelling.c: the dict as numpy.save writes it, without padding; returns its length. */
uint32_t npy_spell(const char *descr, uint32_t fortran, const uint64_t *shape, uint32_t rank,
                   char text[NPY_TEXT_BYTES]);
int npy_is_spelled_by_numpy(const npy_header *header, const char *text, uint64_t size);

/* fortran.c: the elements of a Fortran-ordered array in C order: in memory or, if they are many, in a scratch file. */
typedef struct npy_fortran {
  uint8_t *memory; /* the reader frees it */
  canon_source *scratch;
} npy_fortran;
int npy_fortran_differs(const npy_header *header); /* 0: both orders are the same bytes */
int32_t npy_fortran_turn(canon_job *job, const canon_source *source, const npy_header *header, npy_fortran *turned);

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
void npy_abandon(canon_job *job, void *writer);

#endif
