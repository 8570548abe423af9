/* SPDX-License-Identifier: MIT
 * npy_header.h: an array as .npy holds it, wherever its bytes lie. Used by npy, whose files are one, and by npz.
 *
 *   93 'N' 'U' 'M' 'P' 'Y'  major minor  length (u16 in 1.0, u32 in 2.0 and 3.0)  text of `length` bytes  elements
 *
 * The text is a Python dict with the keys descr, fortran_order and shape. */
#ifndef CANON_FORMATS_NPY_HEADER_H
#define CANON_FORMATS_NPY_HEADER_H

#include <inttypes.h>

#include <canon/format.h>

#define NPY_MAGIC "\x93NUMPY"
#define NPY_MAGIC_BYTES 6

/* The longest text that npy_spell gives: 64 dimensions of at most 19 digits and ", ", with room for the rest.
 * It fits the u16 of version 1.0, so canon never has to write 2.0. */
#define NPY_TEXT_BYTES 2048
#define NPY_DESCR_BYTES 8
#define NPY_OPAQUE_BYTES 32
/* A preamble and the longest text that is read: NumPy stops at 10,000 characters; what is longer is a structured dtype,
 * to be refused by that name. */
#define NPY_LONGEST_HEADER (12 + (UINT64_C(1) << 20))

/* The bytes of one array, from its magic on. */
typedef struct npy_bytes {
  const canon_source *source;
  uint64_t start, size; /* in the source */
  const uint8_t *head;  /* the first head_size bytes, where the source does not have them (yet), or NULL */
  uint64_t head_size;
  uint32_t is_apart;     /* 1: a byte's place is none in the user's file, so that no message gives it */
  uint32_t takes_opaque; /* 1: an array of texts, byte strings, times or void is told of, not refused */
  uint32_t name_size;    /* of the name that messages begin with, or 0 */
  const char *name;
} npy_bytes;

typedef struct npy_header {
  uint32_t version; /* the major one: 1, 2 or 3; the minor one is 0 */
  uint32_t dtype;   /* 0: elements of no tensor, `opaque` is their descr */
  uint32_t big_endian;
  uint32_t fortran;
  uint32_t spelled_by_numpy; /* the text is, byte for byte, what numpy.save writes */
  uint32_t rank;
  uint64_t shape[CANON_MAX_RANK];
  uint64_t elements;
  uint64_t bytes; /* of the elements */
  uint64_t data;  /* byte of the array at which they begin */
  char descr[NPY_DESCR_BYTES];
  char opaque[NPY_OPAQUE_BYTES];
  uint64_t opaque_size; /* of one such element */
} npy_header;

/* npy_header.c: reads and checks everything before the elements. The options of instance: --ml-dtype. */
int32_t npy_header_read(canon_job *job, const canon_instance *instance, const npy_bytes *bytes, npy_header *header);
/* Elements and bytes of a shape, with NumPy's bound: 2^63 - 1 bytes, zeros left out; 0 when it is over. */
int npy_shape_bytes(const uint64_t *shape, uint32_t rank, uint32_t dtype, uint64_t *elements, uint64_t *bytes);
/* canon_fail for a byte of the array. */
#if defined(__GNUC__)
__attribute__((format(printf, 5, 6)))
#endif
int32_t
npy_fail(canon_job *job, const npy_bytes *bytes, int32_t code, uint64_t at, const char *format, ...);

/* npy_dtype.c: a descr such as "<f4" becomes header->dtype and big_endian, or is refused by its name. */
int32_t npy_descr_read(canon_job *job, const canon_instance *instance, const npy_bytes *bytes, const char *text,
                       uint64_t size, uint64_t at, npy_header *header);
/* A descr that is a list or a tuple: refused; text begins at its bracket. */
int32_t npy_descr_refuse_composite(canon_job *job, const npy_bytes *bytes, const char *text, uint64_t size,
                                   uint64_t at);
/* The descr that a tensor is written with, or a refusal that names the ways out. where: "/w: ", or "". */
int32_t npy_descr_write(canon_job *job, const canon_instance *instance, const char *where, uint32_t dtype,
                        char descr[NPY_DESCR_BYTES]);
#define NPY_ML_DTYPE_HELP "what <V2, <V1 or <f1 stands for (bf16 or an f8 kind), and leave to write it so"

/* npy_spelling.c: the dict as numpy.save writes it, without padding; returns its length. */
uint32_t npy_spell(const char *descr, uint32_t fortran, const uint64_t *shape, uint32_t rank,
                   char text[NPY_TEXT_BYTES]);
int npy_is_spelled_by_numpy(const npy_header *header, const char *text, uint64_t size);
/* Everything before the elements as numpy.save writes it; returns its length, a multiple of 64. */
#define NPY_LONGEST_WRITTEN (10 + NPY_TEXT_BYTES + 21 + 64)
uint64_t npy_compose(const canon_node *tensor, const char *descr, char header[NPY_LONGEST_WRITTEN]);

/* npy_fortran.c: the elements of a Fortran-ordered array in C order: in memory or, if they are many, in a scratch file.
 */
typedef struct npy_fortran {
  uint8_t *memory; /* the reader frees it */
  canon_source *scratch;
} npy_fortran;
int npy_fortran_differs(const npy_header *header); /* 0: both orders are the same bytes */
int32_t npy_fortran_turn(canon_job *job, const npy_bytes *bytes, const npy_header *header, npy_fortran *turned);

/* npy_elements.c: elements as they lie become the machine's own; a bool that is neither 0 nor 1 is refused. first: the
 * place of the first one in C order. */
int32_t npy_elements_finish(canon_job *job, const npy_bytes *bytes, const npy_header *header, uint64_t first,
                            uint64_t count, void *values);

#endif
