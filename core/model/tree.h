/* SPDX-License-Identifier: MIT
 * tree.h: a manifest that can be trusted: checked, without REF nodes, with what its nodes' names are.
 * resolve -> select -> canonical each make a new tree. Trees borrow keys, values, shapes and texts from the reader's
 * manifest, which must outlive them. One thread at a time. Used by core/job; plugins see only the manifest in it. */
#ifndef CANON_MODEL_TREE_H
#define CANON_MODEL_TREE_H

#include <string.h>

#include <canon/canon.h>

struct tree {
  canon_manifest manifest; /* node_size is sizeof(canon_node); producer and details are the reader's */
  canon_node *nodes;       /* manifest.nodes, by index */
  uint64_t n_nodes;
  uint64_t *origin;   /* of each node: its index in the reader's manifest, where read() takes it from */
  uint64_t *end;      /* one past the last node of its subtree: the next sibling, if there is one */
  uint64_t *place;    /* its number in a list, tuple or set, as its path tells it */
  uint64_t n_origins; /* nodes of the reader's manifest */
  struct tree_cache *cache;
};

/* Node i of a reader's manifest, whose nodes may be shorter than this host's: a member that is not there has the value
 * that says nothing, which for a storage or a byte is not 0. */
static inline canon_node tree_reader_node(const canon_manifest *manifest, uint64_t i) {
  canon_node node = {.storage = CANON_NONE, .offset = CANON_NONE};
  size_t size = manifest->node_size < sizeof node ? manifest->node_size : sizeof node;
  memcpy(&node, (const char *)manifest->nodes + i * manifest->node_size, size);
  return node;
}

static inline int tree_is_container(const canon_node *node) {
  return node->kind >= CANON_NODE_DICT && node->kind <= CANON_NODE_SET;
}

/* Checks what a reader says (CANON_E_PLUGIN names the rule that it broke) and expands REF nodes: leaves and tensors are
 * copied, containers with all below. A container that contains itself is CANON_E_UNSUPPORTED. CANON_E_LIMIT: more nodes
 * than TREE_NODES + TREE_GROWTH for each of the reader's; more bytes of keys and values than TREE_BYTES + TREE_GROWTH
 * for each of the reader's; more bytes of paths than TREE_BYTES + TREE_PATH for each node. */
#define TREE_NODES 1000000u
#define TREE_GROWTH 4u
#define TREE_BYTES (UINT64_C(256) << 20)
#define TREE_PATH 256u
int32_t tree_resolve(canon_job *job, const canon_manifest *raw, struct tree **tree);

/* The subtree at pointer_root (NULL or "": all), of that what the selection leaves; paths in the selection are those
 * below pointer_root. See canon_selection, and glob.h for patterns; a pattern that is the very path of a node means
 * only that node. A container that the selection leaves empty goes, one that was empty stays with what is around it.
 * Items of a list keep their number in `place`. Nothing left is CANON_E_IO, as is a pattern that matches nothing. */
int32_t tree_select(canon_job *job, const struct tree *tree, const char *pointer_root, const canon_selection *selection,
                    struct tree **selected);

/* The form that is written (docs/digests.md, "The canonical tree"): dict keys in order unless keep_order, members of
 * sets in order, lists numbered from 0 without holes, no attributes, strides or sharing, no flags but
 * CANON_NODE_MUTABLE, no producer or details. Counts what it drops. Two equal keys are CANON_E_MALFORMED. */
int32_t tree_canonical(canon_job *job, const struct tree *tree, int keep_order, struct tree **canonical);

void tree_free(struct tree *tree);

/* RFC 6901 pointer of a node; keys that are no text as Python prints them. Lives with the tree; NULL: no memory. */
const char *tree_path(struct tree *tree, uint64_t node);
/* A leaf's value as JSON (RFC 8785): an int beyond 2^53 and a float that is not finite as strings, bytes as hex,
 * complex as [real, imaginary], opaque as its type and text; an empty container as {} or [], other containers and
 * tensors as null. Lives as long as the tree; NULL: no memory. */
const char *tree_value_json(struct tree *tree, uint64_t node);
/* Have two leaves, or empty containers, one line in canon1-tree, their paths aside? */
int tree_value_same(const canon_node *a, const canon_node *b);
/* The node at a pointer: CANON_E_IO if there is none or if two keys share it, saying what is there; CANON_E_USAGE if
 * the text is no pointer. */
int32_t tree_find(canon_job *job, const struct tree *tree, const char *pointer, uint64_t *node);

#endif
