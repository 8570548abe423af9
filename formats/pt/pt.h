/* SPDX-License-Identifier: MIT
 * pt.h: what the files of the pt plugin share: the reader's state, tensors and storages, and the classes that a torch
 * pickle names. Nothing outside of formats/pt includes it. */
#ifndef CANON_FORMATS_PT_H
#define CANON_FORMATS_PT_H

#include <pthread.h>
#include <stdatomic.h>

#include <canon/format.h>

#include "formats/common/pickle.h"
#include "formats/common/zip.h"

typedef struct pt_reader pt_reader;

/* Bytes that tensors are made of: a record of the archive, or a piece of data.pkl (numpy keeps its arrays there). */
typedef struct pt_storage {
  uint64_t id;
  uint64_t bytes;
  const pickle_class *class; /* the storage class that the pickle names; NULL for numpy's */
  const zip_member *member;  /* NULL: memory holds the bytes */
  uint64_t start;            /* byte of the source at which the content lies as it is, or CANON_NONE */
  uint32_t big_endian;
  /* Changed while tensors are read, under lock. */
  atomic_uint checked;   /* 1: the CRC-32 was right; inflated bytes are in place */
  const uint8_t *memory; /* content, where it lies in memory */
  uint64_t scratch;      /* or where it lies in the scratch file; CANON_NONE: nowhere */
  pthread_mutex_t lock;
  struct pt_piece *pieces; /* ranges read so far, sorted, with their CRC-32 */
  uint64_t n_pieces, pieces_capacity;
} pt_storage;

#define PT_CONJUGATE 1u
#define PT_NEGATE 2u
#define PT_CONTIGUOUS 4u /* C order without gaps */

/* What the values of a sparse tensor's indices must obey; checked as they are read. */
#define PT_BOUNDS_NONE 0
#define PT_BOUNDS_ROWS 1       /* COO: row i of [rows, n] lies in [0, limits[i]) */
#define PT_BOUNDS_PLAIN 2      /* all in [0, limits[0]) */
#define PT_BOUNDS_COMPRESSED 3 /* each last axis climbs from 0 to limits[0] */

typedef struct pt_tensor {
  uint64_t node;
  pt_storage *storage;
  uint64_t offset; /* of the first element, in elements */
  uint64_t elements;
  uint32_t dtype;
  uint32_t rank;
  const uint64_t *shape;
  const int64_t *stride;
  uint32_t flags;  /* PT_CONJUGATE ... */
  uint32_t bounds; /* PT_BOUNDS_* */
  const uint64_t *limits;
  /* Changed while it is read. */
  atomic_uint turned; /* 1: its elements, as stored, lie in C order in the scratch file, */
  uint64_t scratch;   /* from this byte on */
} pt_tensor;

struct pt_reader {
  zip_index zip;
  const char *top; /* the folder that everything lies in, not terminated */
  uint64_t top_size;
  uint32_t big_endian;
  pickle pickle;
  uint8_t *pickle_bytes;
  pt_storage **storage_of; /* by place in zip.members */
  uint64_t n_storages;
  canon_node *nodes;
  uint64_t n_nodes, nodes_capacity;
  pt_tensor **tensors; /* in order of nodes */
  uint64_t n_tensors, tensors_capacity;
  const char *producer;
  canon_detail details[16];
  uint64_t n_details;
  /* Inflated storages: in memory while few, then in one scratch file, as turned tensors. */
  pthread_mutex_t lock;
  uint64_t inflated;
  canon_sink *scratch_sink;
  canon_source *scratch_source;
  uint64_t scratch_used;
  pthread_mutex_t turning; /* one tensor at a time; taken before the others */
};

/* A node as one value describes it, without place and key, and what is in it. */
typedef struct pt_item {
  canon_node node;
  pt_tensor *tensor;       /* of a tensor */
  pickle_value **children; /* of a container: values, or key, value, key, value, ... of a dict */
  uint64_t n_children;     /* keys included */
} pt_item;

typedef int32_t (*pt_meaning)(canon_job *job, pt_reader *reader, pickle_value *value, pt_item *item);

/* A name that canon knows in a torch pickle. */
typedef struct pt_class {
  pickle_class pickle;
  pt_meaning describe; /* what calling it gives; NULL: an opaque node */
  uint32_t dtype;      /* storage classes and dtypes */
  uint32_t detail;     /* PT_IS_*, or what a `describe` tells its cases apart by */
} pt_class;

#define PT_IS_STORAGE 0x100u
#define PT_IS_QUANTIZED 0x200u /* with PT_IS_STORAGE */
#define PT_IS_DTYPE 0x400u
#define PT_IS_SCHEME 0x800u  /* of quantization */
#define PT_IS_TENSOR 0x1000u /* a class of tensors */
#define PT_DETAIL(flags) ((flags)&0xFFu)

/* classes.c */
const pickle_class *pt_class_find(const char *module, uint64_t module_size, const char *name, uint64_t name_size);
const pt_class *pt_class_of(const pickle_class *known); /* NULL for NULL */
const pt_class *pt_global(const pickle_value *value);   /* of a PICKLE_GLOBAL; NULL: another kind, or unknown */
const char *pt_dtype_name(uint32_t dtype);              /* "float32", or NULL */
const char *pt_storage_name(uint32_t dtype);            /* "FloatStorage"; NULL: only untyped storages hold it */

/* foreign.c: fails where the source is another kind of torch file, or none at all */
int32_t pt_refuse_foreign(canon_job *job, const canon_source *source);
int32_t pt_refuse_foreign_archive(canon_job *job, const pt_reader *reader);
uint32_t pt_foreign_bits(const uint8_t *head, uint64_t size);

/* container.c */
int32_t pt_container_open(canon_job *job, pt_reader *reader, const canon_source *source);
const zip_member *pt_record(const pt_reader *reader, const char *name, uint64_t name_size); /* TOP/name */
void pt_container_describe(canon_job *job, pt_reader *reader);                              /* producer and details */

/* tree.c */
int32_t pt_tree_build(canon_job *job, pt_reader *reader);
/* item: all zeros. An object whose pickle_call.meaning is set is that pt_item. */
int32_t pt_describe(canon_job *job, pt_reader *reader, pickle_value *value, pt_item *item);

/* values.c: what Python's own classes give */
int32_t pt_describe_mapping(canon_job *job, pt_reader *reader, pickle_value *value, pt_item *item);
int32_t pt_describe_sequence(canon_job *job, pt_reader *reader, pickle_value *value, pt_item *item);
int32_t pt_describe_set(canon_job *job, pt_reader *reader, pickle_value *value, pt_item *item);
int32_t pt_describe_bytes(canon_job *job, pt_reader *reader, pickle_value *value, pt_item *item);
int32_t pt_describe_complex(canon_job *job, pt_reader *reader, pickle_value *value, pt_item *item);
int32_t pt_describe_size(canon_job *job, pt_reader *reader, pickle_value *value, pt_item *item);
int32_t pt_describe_printed(canon_job *job, pt_reader *reader, pickle_value *value, pt_item *item);
int32_t pt_describe_reconstructed(canon_job *job, pt_reader *reader, pickle_value *value, pt_item *item);
int32_t pt_opaque(canon_job *job, pt_item *item, const char *type, const char *text);
/* Calls that give bytes become bytes in place. *is_bytes: it is bytes or a bytearray now. */
int32_t pt_lower_bytes(canon_job *job, pt_reader *reader, pickle_value *value, int *is_bytes);
int32_t pt_attributes(canon_job *job, pt_reader *reader, const pickle_value *state, pt_item *item);

/* text.c: values as Python prints them */
int32_t pt_print(canon_job *job, pt_reader *reader, const pickle_value *value, const char **text, uint64_t *size);

/* tensor.c */
#define PT_REBUILD 1
#define PT_REBUILD_V2 2
#define PT_REBUILD_V3 3
#define PT_REBUILD_PARAMETER 4
#define PT_REBUILD_WITH_STATE 5
#define PT_REBUILD_FROM_TYPE 6
int32_t pt_describe_tensor(canon_job *job, pt_reader *reader, pickle_value *value, pt_item *item);
int32_t pt_describe_storage(canon_job *job, pt_reader *reader, pickle_value *value, pt_item *item);
/* A tuple of ints that are not negative. */
int32_t pt_read_shape(canon_job *job, pt_reader *reader, const pickle_value *value, const char *what, uint64_t **shape,
                      uint32_t *rank);
/* at: storage, offset, size, stride. Fills all of tensor but elements and flags; the dtype is the storage's. */
int32_t pt_read_geometry(canon_job *job, pt_reader *reader, pickle_value **at, pt_tensor *tensor);
/* Checks the geometry against the storage and fills the rest of tensor and the node. */
int32_t pt_tensor_finish(canon_job *job, pt_reader *reader, uint64_t position, pt_tensor *tensor, pt_item *item);
int32_t pt_bad_arguments(canon_job *job, const pt_reader *reader, const pickle_value *value, const char *expected);

/* numpy.c */
#define PT_NUMPY_RECONSTRUCT 1
#define PT_NUMPY_FROMBUFFER 2
#define PT_NUMPY_SCALAR 3
int32_t pt_describe_numpy(canon_job *job, pt_reader *reader, pickle_value *value, pt_item *item);
int32_t pt_describe_numpy_dtype(canon_job *job, pt_reader *reader, pickle_value *value, pt_item *item);

/* composite.c: sparse and quantized tensors as small trees */
int32_t pt_describe_sparse(canon_job *job, pt_reader *reader, pickle_value *value, pt_item *item);
int32_t pt_describe_quantized(canon_job *job, pt_reader *reader, pickle_value *value, pt_item *item);

/* storage.c */
int32_t pt_storage_of(canon_job *job, pt_reader *reader, const pickle_value *value, pt_storage **storage);
/* start: as in pt_storage. NULL after a failure. */
pt_storage *pt_storage_in_memory(canon_job *job, pt_reader *reader, const uint8_t *bytes, uint64_t size,
                                 uint64_t start);
void pt_storage_close(canon_job *job, pt_reader *reader);
/* Everything of it is checked and can be fetched. Any thread. */
int32_t pt_storage_check(canon_job *job, pt_reader *reader, pt_storage *storage);
/* Bytes as stored, of a checked storage. Any thread. */
int32_t pt_storage_fetch(canon_job *job, const pt_reader *reader, const pt_storage *storage, uint64_t offset, void *dst,
                         uint64_t bytes);
/* Bytes of a storage that is being read from end to end in ranges: checked when the last range comes. Any thread. */
int32_t pt_storage_fetch_part(canon_job *job, pt_reader *reader, pt_storage *storage, uint64_t offset, void *dst,
                              uint64_t bytes);

/* box.c: elements of a checked storage, as stored. Any thread. The first reads elements [first, first + count) in C
 * order, the second the box [start, start + extent). */
int32_t pt_strided_read(canon_job *job, const pt_reader *reader, const pt_tensor *tensor, uint64_t first,
                        uint64_t count, uint8_t *dst);
int32_t pt_box_read(canon_job *job, const pt_reader *reader, const pt_tensor *tensor, const uint64_t *start,
                    const uint64_t *extent, uint8_t *dst);
int pt_strided_is_slow(const pt_tensor *tensor);

/* turn.c. Any thread. */
int pt_turn_pays(const pt_tensor *tensor);
int32_t pt_turn(canon_job *job, pt_reader *reader, pt_tensor *tensor);

/* plugin.c's callbacks */
int32_t pt_probe(canon_job *job, const canon_source *source, uint32_t *bits);
int32_t pt_open(canon_job *job, const canon_instance *instance, const canon_source *source, void **state);
int32_t pt_manifest(canon_job *job, void *state, canon_manifest *manifest);
int32_t pt_read(canon_job *job, void *state, uint64_t node, uint64_t first, uint64_t count, void *dst);
void pt_close(canon_job *job, void *state);
int32_t pt_can_write(canon_job *job, const canon_instance *instance, const canon_manifest *manifest);
int32_t pt_begin(canon_job *job, const canon_instance *instance, const canon_manifest *manifest, canon_sink *sink,
                 void **state);
int32_t pt_place(canon_job *job, void *state, uint64_t node, canon_extent *extent);
int32_t pt_end(canon_job *job, void *state, const canon_written *written, uint64_t n_written, uint32_t written_size);
void pt_release(canon_job *job, void *state);

#endif
