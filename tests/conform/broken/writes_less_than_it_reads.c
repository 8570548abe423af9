/* SPDX-License-Identifier: MIT
 * writes_less_than_it_reads.c: takes a tree that it reads, and forgets the name in it. */
#include "one.h"

/* A file with an N behind "ONE!" is a dict of one tensor. */
struct named {
  struct one one;
  canon_node nodes[2];
};

#define ONE_OPEN less_open
static int32_t less_open(canon_job *job, const canon_instance *instance, const canon_source *source, void **reader) {
  int32_t code = one_open(job, instance, source, reader);
  if (code) return code;
  struct named *named = canon_resize(job, *reader, sizeof *named);
  if (!named) return canon_failed(job);
  *reader = named;
  named->one.tensor.shape = &named->one.n;
  return CANON_OK;
}

#define ONE_MANIFEST less_manifest
static int32_t less_manifest(canon_job *job, void *reader, canon_manifest *manifest) {
  struct named *named = reader;
  char kind;
  int32_t code = job->host->source_read(job, named->one.source, 4, &kind, 1);
  if (code || kind != 'N') return code ? code : one_manifest(job, reader, manifest);
  named->nodes[0].kind = CANON_NODE_DICT;
  named->nodes[0].parent = CANON_NONE;
  named->nodes[1] = named->one.tensor;
  named->nodes[1].parent = 0;
  named->nodes[1].key_kind = CANON_KEY_STR;
  named->nodes[1].key = "named";
  named->nodes[1].key_size = 5;
  manifest->nodes = named->nodes;
  manifest->n_nodes = 2;
  return CANON_OK;
}

#define ONE_CAN_WRITE less_can_write
static int32_t less_can_write(canon_job *job, const canon_instance *instance, const canon_manifest *manifest) {
  const canon_node *last = canon_manifest_node(manifest, manifest->n_nodes - 1);
  if (manifest->n_nodes == 2 && last->key_size == 5 && memcmp(last->key, "named", 5) == 0) return CANON_OK;
  return one_can_write(job, instance, manifest);
}

#include "one_plugin.h"
