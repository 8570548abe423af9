/* SPDX-License-Identifier: MIT
 * colbert.h: what the files of the colbert plugin share. An index is a folder:
 *
 *   metadata.json  plan.json  centroids.pt  buckets.pt  avg_residual.pt  ivf.pid.pt       once
 *   N.codes.pt  N.residuals.pt  doclens.N.json  N.metadata.json                           for each chunk N from 0 on
 *   any other name: kept as it is (RAGatouille puts its maps there)
 *
 * Files in folders below it are no part of it. The .pt files are read and written through the format that knows them.
 */
#ifndef CANON_FORMATS_COLBERT_H
#define CANON_FORMATS_COLBERT_H

#include <inttypes.h>

#include <canon/format.h>

#include "formats/common/arena.h"

enum {
  COLBERT_JSON_BYTES = 1 << 20, /* the most that a JSON file may have (doclens: no limit) */
  COLBERT_JSON_DEPTH = 32,
  COLBERT_FIRST_STORAGE = 320, /* where ColBERT's memory-mapped reader takes codes and residuals to begin */
};

/* probe.c: the files by name. */
typedef enum colbert_role {
  COLBERT_METADATA,
  COLBERT_PLAN,
  COLBERT_CENTROIDS,
  COLBERT_BUCKETS,
  COLBERT_AVG_RESIDUAL,
  COLBERT_IVF,
  COLBERT_CODES, /* from here on one a chunk */
  COLBERT_RESIDUALS,
  COLBERT_DOCLENS,
  COLBERT_CHUNK,
  COLBERT_ROLES
} colbert_role;

#define COLBERT_NAME_BYTES 48
/* The name of a file; chunk counts for the roles that have one. */
const char *colbert_name(colbert_role role, uint64_t chunk, char name[COLBERT_NAME_BYTES]);
/* COLBERT_ROLES: no file of an index. */
colbert_role colbert_role_of(const char *name, uint64_t *chunk);
#define COLBERT_OLD_IVF "ivf.pt" /* an index of another kind has it */

/* members.c: the files of a folder. Those in folders below it are no part of the index. */
typedef struct colbert_members {
  const canon_source *source;
  uint64_t *slots; /* number of the file by role, those of chunk 0, those of chunk 1, ...; CANON_NONE: not there */
  uint64_t n_chunks, n_others, left_out; /* others: beside those of an index */
} colbert_members;

/* After it, also where it failed, slots is to be freed. */
int32_t colbert_members_find(canon_job *job, const canon_source *folder, colbert_members *members);
int colbert_members_have(const colbert_members *members, colbert_role role, uint64_t chunk);
int32_t colbert_members_open(canon_job *job, const colbert_members *members, colbert_role role, uint64_t chunk,
                             const canon_source **member);

/* index.c: the tree of an index, looked up and held against itself. Members are nodes where they are tensors, dicts or
 * lists, and else the number that stands there; CANON_NONE where there is none. */
typedef struct colbert_chunk {
  uint64_t codes, residuals, doclens, metadata;
  uint64_t passage_offset, num_passages, num_embeddings, embedding_offset;
} colbert_chunk;

typedef struct colbert_index {
  uint64_t avg_residual, bucket_cutoffs, bucket_weights, centroids, pids, lengths;
  uint64_t chunks, files, ivf, metadata, plan;
  uint64_t config, dim, nbits, num_chunks, num_partitions, num_embeddings;
  uint64_t plan_chunks, plan_partitions;
  colbert_chunk *chunk;
  uint64_t n_chunks;
} colbert_index;

/* code: what a tree that is no index is to the caller, malformed or unsupported. The chunks lie in the arena. */
int32_t colbert_index_take(canon_job *job, arena *memory, int32_t code, const canon_manifest *manifest,
                           colbert_index *index);
int32_t colbert_index_check(canon_job *job, int32_t code, const canon_manifest *manifest, const colbert_index *index);
/* How many embeddings the doclens of a chunk come to, and how many pids the lengths. */
int32_t colbert_check_doclens(canon_job *job, int32_t code, uint64_t chunk, uint64_t sum, uint64_t codes);
int32_t colbert_check_lengths(canon_job *job, int32_t code, uint64_t sum, uint64_t pids);

/* tree.c: nodes that grow. */
typedef struct colbert_tree {
  arena memory; /* values, keys, shapes */
  canon_node *nodes;
  uint64_t n_nodes, capacity;
  int sorts;     /* the keys of JSON objects, by bytes; else they stay as they come */
  int drops_run; /* what config tells of the run is left out, and counted */
  uint64_t dropped;
} colbert_tree;

/* A node under a text key (borrowed), or without one where the key is NULL; CANON_NONE after a recorded failure. */
uint64_t colbert_tree_add(canon_job *job, colbert_tree *tree, uint64_t parent, const char *key, const canon_node *node);
/* The values of a JSON file as a subtree. */
int32_t colbert_tree_add_json(canon_job *job, colbert_tree *tree, uint64_t parent, const char *key,
                              const canon_source *source);

/* The same of a node of bytes, whose key names it. */
int32_t colbert_tree_add_text(canon_job *job, colbert_tree *tree, uint64_t parent, const char *key,
                              const canon_node *node);

/* flat.c: the tree that --flatten / made a flat dict of: a/b is b in the dict a, a/b.json as bytes what JSON they hold.
 * *origin: the flat node that a tensor of the tree is, by node; NULL: the manifest was no such dict, and is taken as it
 * is. */
int32_t colbert_unflatten(canon_job *job, const canon_manifest *flat, colbert_tree *tree, uint64_t **origin);

/* doclens.c: a JSON list of passages' lengths, however long, 4 bytes of memory each. */
typedef struct colbert_doclens {
  uint32_t *at;
  uint64_t n, sum;
} colbert_doclens;

int32_t colbert_doclens_read(canon_job *job, const canon_source *source, colbert_doclens *doclens);

/* text.c: a dict of the tree as JSON text. */
typedef struct colbert_text {
  const canon_manifest *manifest;
  int drop_run;  /* leave out the keys of config that tell of the run */
  int one_chunk; /* write num_chunks as 1 */
} colbert_text;

/* *bytes is the caller's to free, also after a failure. member: for messages. *dropped: how many keys were left out. */
int32_t colbert_text_make(canon_job *job, const colbert_text *asked, uint64_t node, const char *member, char **bytes,
                          uint64_t *size, uint64_t *dropped);

#define COLBERT_DROPPED "value of config that tells of the run left out" /* as reports count it */
/* The keys of config that tell of the run; NULL behind the last. */
const char *colbert_run_key(size_t i);
/* Whether a node below the dict `root` (/metadata or /plan) is a value of its config that tells of the run. */
int colbert_tells_of_run(const canon_manifest *manifest, uint64_t node, uint64_t root);

/* buckets.c: `count` numbers of buckets from number `first` on, of a tensor of packed residuals. */
int32_t colbert_buckets_read(canon_job *job, canon_part *part, uint64_t part_node, uint64_t nbits, uint64_t first,
                             uint64_t count, uint8_t *numbers);

int32_t colbert_probe(canon_job *job, const canon_source *source, uint32_t *bits);
int32_t colbert_open(canon_job *job, const canon_instance *instance, const canon_source *source, void **reader);
int32_t colbert_manifest(canon_job *job, void *reader, canon_manifest *manifest);
int32_t colbert_read(canon_job *job, void *reader, uint64_t node, uint64_t first, uint64_t count, void *dst);
void colbert_close(canon_job *job, void *reader);
int32_t colbert_can_write(canon_job *job, const canon_instance *instance, const canon_manifest *manifest);
int32_t colbert_begin(canon_job *job, const canon_instance *instance, const canon_manifest *manifest, canon_sink *sink,
                      void **writer);
int32_t colbert_place(canon_job *job, void *writer, uint64_t node, canon_extent *extent);
int32_t colbert_write(canon_job *job, void *writer, uint64_t node, uint64_t first, uint64_t count, const void *src);
int32_t colbert_end(canon_job *job, void *writer, const canon_written *written, uint64_t n_written,
                    uint32_t written_size);
void colbert_release(canon_job *job, void *writer);

#endif
