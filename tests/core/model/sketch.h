/* SPDX-License-Identifier: MIT
 * sketch.h: manifests for tests, drawn node by node in preorder. */
#ifndef CANON_TESTS_SKETCH_H
#define CANON_TESTS_SKETCH_H

#include <stdlib.h>
#include <string.h>

#include "core/base/integer.h"
#include "core/base/mem.h"
#include "core/model/tree.h"
#include "tests/support/support.h"

enum { SKETCH_DEPTH = 4000 };

struct sketch {
  canon_node *nodes;
  uint64_t n, capacity;
  uint64_t open[SKETCH_DEPTH];
  int depth;
  void **kept; /* small memory that nodes point to */
  size_t n_kept;
};

static inline struct sketch *sketch_new(uint64_t capacity) {
  struct sketch *s = calloc(1, sizeof *s);
  assert_non_null(s);
  s->capacity = capacity;
  s->nodes = calloc(capacity, sizeof *s->nodes);
  s->kept = calloc(2 * capacity, sizeof *s->kept);
  assert_true(s->nodes && s->kept);
  return s;
}

static inline void sketch_free(struct sketch *s) {
  for (size_t i = 0; i < s->n_kept; i++) free(s->kept[i]);
  free(s->kept);
  free(s->nodes);
  free(s);
}

static inline const void *sketch_keep(struct sketch *s, const void *bytes, size_t n) {
  char *copy = malloc(n + 1);
  assert_non_null(copy);
  if (bytes) memcpy(copy, bytes, n);
  copy[n] = 0;
  assert_in_range(s->n_kept, 0, 2 * s->capacity - 1);
  s->kept[s->n_kept++] = copy;
  return copy;
}

/* A node of any kind; a container is open for what follows, until sketch_close. key: of an entry of a dict. */
static inline canon_node *sketch_add(struct sketch *s, const char *key, uint32_t kind) {
  assert_in_range(s->n, 0, s->capacity - 1);
  canon_node *node = &s->nodes[s->n];
  *node = (canon_node){.kind = kind, .parent = s->depth ? s->open[s->depth - 1] : CANON_NONE};
  node->attribute_size = sizeof(canon_attribute);
  if (s->depth && s->nodes[node->parent].kind == CANON_NODE_DICT) {
    node->key_kind = CANON_KEY_STR;
    node->key_size = key ? strlen(key) : 0;
    node->key = sketch_keep(s, key, node->key_size);
  } else if (s->depth) {
    node->key_kind = CANON_KEY_INDEX;
  }
  if (kind >= CANON_NODE_DICT && kind <= CANON_NODE_SET) s->open[s->depth++] = s->n;
  if (kind == CANON_NODE_TENSOR) {
    node->dtype = CANON_F32;
    node->storage = node->offset = CANON_NONE;
  }
  s->n++;
  return node;
}

static inline void sketch_close(struct sketch *s) { s->depth--; }

static inline canon_node *sketch_data(struct sketch *s, const char *key, uint32_t kind, const void *bytes, size_t n) {
  canon_node *node = sketch_add(s, key, kind);
  node->data = sketch_keep(s, bytes, n);
  node->data_size = n;
  return node;
}

static inline canon_node *sketch_str(struct sketch *s, const char *key, const char *value) {
  return sketch_data(s, key, CANON_NODE_STR, value, strlen(value));
}

static inline canon_node *sketch_int(struct sketch *s, const char *key, const char *decimal) {
  struct text bytes = {0};
  assert_true(integer_parse(&bytes, decimal, strlen(decimal)));
  canon_node *node = sketch_data(s, key, CANON_NODE_INT, bytes.bytes, bytes.size);
  text_free(&bytes);
  return node;
}

/* The machines of the tests are little-endian. */
static inline canon_node *sketch_float(struct sketch *s, const char *key, double value) {
  return sketch_data(s, key, CANON_NODE_FLOAT, &value, sizeof value);
}

static inline canon_node *sketch_bool(struct sketch *s, const char *key, int value) {
  return sketch_data(s, key, CANON_NODE_BOOL, value ? "\1" : "", 1);
}

static inline canon_node *sketch_tensor(struct sketch *s, const char *key, uint32_t dtype, uint32_t rank, uint64_t a,
                                        uint64_t b) {
  canon_node *node = sketch_add(s, key, CANON_NODE_TENSOR);
  uint64_t shape[2] = {a, b};
  node->dtype = dtype;
  node->rank = rank;
  node->shape = sketch_keep(s, shape, sizeof shape);
  return node;
}

static inline canon_node *sketch_ref(struct sketch *s, const char *key, uint64_t target) {
  canon_node *node = sketch_add(s, key, CANON_NODE_REF);
  node->target = target;
  return node;
}

/* Gives a node a key of another kind. */
static inline canon_node *sketch_key(struct sketch *s, canon_node *node, uint32_t key_kind, const void *bytes,
                                     size_t n) {
  node->key_kind = key_kind;
  node->key = sketch_keep(s, bytes, n);
  node->key_size = n;
  return node;
}

static inline canon_manifest sketch_manifest(const struct sketch *s) {
  return (canon_manifest){
      .struct_size = sizeof(canon_manifest),
      .node_size = sizeof(canon_node),
      .nodes = s->nodes,
      .n_nodes = s->n,
      .detail_size = sizeof(canon_detail),
  };
}

/* The tree of a sketch that is known to be fine. */
static inline struct tree *sketch_tree(canon_job *job, const struct sketch *s) {
  canon_manifest manifest = sketch_manifest(s);
  struct tree *tree = NULL;
  if (tree_resolve(job, &manifest, &tree) != CANON_OK) fail_msg("%s", support_error(job));
  return tree;
}

/* All paths of a tree, each with its kind: "/a:tensor /b:int". The root is ":dict". Free with text_free. */
static inline struct text sketch_paths(struct tree *tree) {
  struct text text = {0};
  for (uint64_t i = 0; i < tree->n_nodes; i++)
    text_printf(&text, "%s%s:%s", i ? " " : "", tree_path(tree, i), canon_kind_name(tree->nodes[i].kind));
  return text;
}

static inline void sketch_expect_paths(struct tree *tree, const char *expected) {
  struct text paths = sketch_paths(tree);
  assert_string_equal(paths.bytes, expected);
  text_free(&paths);
}

/* What must hold of every tree. */
static inline void sketch_check_tree(const struct tree *tree) {
  assert_int_equal(tree->manifest.n_nodes, tree->n_nodes);
  assert_ptr_equal(tree->manifest.nodes, tree->nodes);
  assert_int_equal(tree->manifest.node_size, sizeof(canon_node));
  assert_true(tree->n_nodes >= 1);
  assert_true(tree->nodes[0].parent == CANON_NONE);
  assert_int_equal(tree->nodes[0].key_kind, CANON_KEY_NONE_AT_ROOT);
  assert_int_equal(tree->end[0], tree->n_nodes);
  for (uint64_t i = 1; i < tree->n_nodes; i++) {
    uint64_t parent = tree->nodes[i].parent;
    if (parent >= i || tree->end[parent] < tree->end[i] || tree->end[i] <= i || tree->origin[i] >= tree->n_origins)
      fail_msg("node %d is not in its container", (int)i);
    if (tree->nodes[i].kind == CANON_NODE_REF) fail_msg("node %d is a REF", (int)i);
  }
}

#endif
