/* SPDX-License-Identifier: MIT
 * writer.h: what the files of the writer share: which files there will be, and where each tensor of the tree goes. */
#ifndef CANON_FORMATS_COLBERT_WRITER_H
#define CANON_FORMATS_COLBERT_WRITER_H

#include "formats/colbert/colbert.h"

/* A .pt file: a tensor, or a tuple of two. */
typedef struct colbert_output {
  char name[COLBERT_NAME_BYTES];
  canon_node nodes[3];
  uint64_t shape[2]; /* of a chunk's tensor, or of all of them together */
  uint64_t n_tensors;
  canon_manifest manifest;
  canon_sink *sink;
  canon_part *part;
  canon_written written[2];
} colbert_output;

/* A doclens file, filled as the numbers come. */
typedef struct colbert_list {
  canon_sink *sink;
  uint64_t n, sum, bytes;
} colbert_list;

/* A file that is no part of the index, kept as it is. */
typedef struct colbert_file {
  const char *name;
  uint64_t bytes;
  canon_sink *sink;
} colbert_file;

typedef enum colbert_kind { COLBERT_PLACED, COLBERT_LENGTHS, COLBERT_NUMBERS, COLBERT_WHOLE } colbert_kind;

/* A tensor of the tree on its way out. */
typedef struct colbert_slot {
  uint64_t node; /* as the host counts */
  uint64_t bytes;
  colbert_kind kind;
  colbert_output *output; /* of PLACED and LENGTHS */
  uint64_t tensor;        /* which one of the output */
  uint64_t first;         /* byte of that tensor at which this one begins */
  colbert_list *list;     /* of NUMBERS */
  colbert_file *file;     /* of WHOLE */
} colbert_slot;

typedef struct colbert_writer {
  arena memory;      /* chunks, outputs, slots, lists, files */
  colbert_tree tree; /* of a flat dict of names; else empty */
  canon_manifest deep;
  const canon_manifest *manifest; /* the host's, or `deep` */
  const uint64_t *origin;         /* of a node of `deep`: which of the host's it is; NULL: manifest is the host's */
  canon_sink *folder;
  colbert_index index;
  colbert_text text;
  int coalesce;
  uint64_t n_chunks; /* that are written */
  colbert_output *outputs;
  uint64_t n_outputs;
  colbert_list *lists; /* one a chunk that is written */
  colbert_file *files;
  uint64_t n_files;
  colbert_slot *slots; /* by node */
  uint64_t n_slots;
  uint64_t lengths_at, lengths_sum; /* byte of ivf.pid.pt; CANON_NONE: not placed yet */
} colbert_writer;

/* layout.c: the tree's index taken and held against itself, the files and slots of it. */
int32_t colbert_layout(canon_job *job, const canon_instance *instance, const canon_manifest *manifest,
                       colbert_writer *writer);
colbert_slot *colbert_slot_of(const colbert_writer *writer, uint64_t node);
/* The codes that a written chunk has. */
uint64_t colbert_rows_of(const colbert_writer *writer, uint64_t chunk);

#endif
