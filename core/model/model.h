/* SPDX-License-Identifier: MIT
 * model.h: what the files of this folder share and nobody else sees. */
#ifndef CANON_MODEL_MODEL_H
#define CANON_MODEL_MODEL_H

#include <string.h>

#include "core/base/text.h"
#include "core/model/tree.h"

int32_t model_no_memory(canon_job *job);       /* records it, returns CANON_E_MEMORY */
void *model_array(uint64_t n, size_t element); /* zeroed, room for one at least; NULL: no memory; free with mem_free */

/* Node i of a reader's manifest. */
static inline canon_node model_raw_node(const canon_manifest *raw, uint64_t i) { return tree_reader_node(raw, i); }

/* Growing a tree: new, push in preorder, finish. tree_new: NULL after a recorded failure. */
struct tree *tree_new(canon_job *job, const canon_manifest *like, uint64_t n_nodes, uint64_t n_origins);
uint64_t tree_push(struct tree *tree, const canon_node *node, uint64_t parent, uint64_t origin, uint64_t place);
void tree_finish(struct tree *tree); /* fills in end */

/* What a reader's manifest comes to, for each of its nodes. */
struct raw_fact {
  uint64_t end;          /* one past the last node of its subtree */
  uint64_t place;        /* among its siblings */
  uint64_t meaning;      /* its own index, or for a REF that of the node that it means in the end */
  uint64_t nodes, bytes; /* of its subtree with REF nodes expanded; UINT64_MAX: or more */
  uint64_t height;       /* containers on the longest way down */
};

/* Every rule of format.h that a manifest can break: first of the manifest's own members, then of its nodes. facts has
 * room for raw->n_nodes. */
int32_t raw_check_frame(canon_job *job, const canon_manifest *raw);
int32_t raw_check(canon_job *job, const canon_manifest *raw, struct raw_fact *facts);

/* The key of a node as text; the same escaped, as its part of a path; and the path of a node in any manifest that was
 * checked. place: its number in a list; places: those of all nodes, `stride` bytes apart. */
void key_text(struct text *text, const canon_node *node, uint64_t place);
void token_text(struct text *text, const canon_node *node, uint64_t place);
void path_text(struct text *text, const canon_manifest *manifest, const uint64_t *places, size_t stride, uint64_t node);

/* Where a pointer leads. */
struct lookup {
  enum { LOOKUP_FOUND, LOOKUP_MISSING, LOOKUP_AMBIGUOUS, LOOKUP_NO_POINTER, LOOKUP_NO_MEMORY } result;
  uint64_t node;  /* the deepest one found */
  uint64_t rival; /* AMBIGUOUS: shares the path with node */
};

struct lookup path_lookup(const struct tree *tree, const char *pointer);
int32_t path_complain(canon_job *job, const struct tree *tree, const char *pointer, const struct lookup *lookup);

/* For messages: in quotes, cut where it is long; a few of what a container holds. */
void quoted_text(struct text *text, const char *bytes, size_t n);
void quoted_path(struct text *text, const struct tree *tree, uint64_t node);
/* Fails with a text of any size, which it frees. */
int32_t model_fail(canon_job *job, int32_t code, struct text *text);

/* The children of every container of a tree, in the order in which they are written. */
struct arrangement {
  const struct tree *tree;
  uint64_t *children; /* of node i: children[first[i]] up to children[first[i + 1]] */
  uint64_t *first;
  uint64_t *scratch;
  uint64_t *heads; /* of entries of a dict: where their keys differ, in eight bytes */
};

int32_t arrange(canon_job *job, const struct tree *tree, int keep_order, struct arrangement *arrangement);
void arrangement_free(struct arrangement *arrangement);

/* Preorder of an arranged tree, one node after the other. */
struct walk {
  const struct arrangement *arrangement;
  uint64_t pending; /* the root, before it was handed out */
  uint32_t depth;   /* containers that are open */
  struct {
    uint64_t next, end; /* in children */
  } open[CANON_MAX_DEPTH + 1];
};

void walk_start(struct walk *walk, const struct arrangement *arrangement, uint64_t root);
/* 0: no more. walk->depth then counts the containers that are open, the node included. place: its number in its own. */
int walk_next(struct walk *walk, uint64_t *node, uint64_t *place);

/* < 0, 0, > 0: two values of one CANON_NODE_* kind in the order of docs/digests.md. */
int value_compare(uint32_t kind, const void *a, uint64_t a_bytes, const void *b, uint64_t b_bytes);
int key_compare(const canon_node *a, const canon_node *b);

/* A leaf's value. exact: as docs/digests.md has it (integers as strings, floats in hex). */
void value_json(struct text *text, const canon_node *node, int exact);
double value_double(const void *bytes);

#endif
