/* SPDX-License-Identifier: MIT
 * tree.c: the nodes of a manifest under construction, and JSON values as such. Without recursion. */
#include <string.h>

#include "formats/colbert/colbert.h"
#include "formats/common/bytes.h"
#include "formats/common/json.h"

uint64_t colbert_tree_add(canon_job *job, colbert_tree *tree, uint64_t parent, const char *key,
                          const canon_node *node) {
  if (tree->n_nodes == tree->capacity) {
    uint64_t capacity = tree->capacity ? 2 * tree->capacity : 128;
    canon_node *nodes = canon_resize(job, tree->nodes, capacity * sizeof *nodes);
    if (!nodes) return CANON_NONE;
    tree->nodes = nodes;
    tree->capacity = capacity;
  }
  canon_node *added = &tree->nodes[tree->n_nodes];
  *added = *node;
  added->parent = parent;
  added->key_kind = parent == CANON_NONE ? CANON_KEY_NONE_AT_ROOT : key ? CANON_KEY_STR : CANON_KEY_INDEX;
  added->key = key;
  added->key_size = key ? strlen(key) : 0;
  return tree->n_nodes++;
}

/* Two's complement, little-endian, as few bytes as tell the sign. */
static uint64_t shortest(int64_t value, uint8_t bytes[8]) {
  uint64_t n = 8;
  store_u64(bytes, (uint64_t)value);
  while (n > 1 && bytes[n - 1] == (bytes[n - 2] & 0x80 ? 0xff : 0)) n--;
  return n;
}

static int32_t keep(canon_job *job, colbert_tree *tree, canon_node *node, const void *bytes, uint64_t size) {
  node->data = arena_text(job, &tree->memory, bytes, size);
  node->data_size = size;
  return node->data ? CANON_OK : canon_failed(job);
}

static int32_t value_node(canon_job *job, colbert_tree *tree, json_t *value, canon_node *node) {
  uint8_t bytes[8];
  double real = json_real_value(value);
  uint64_t bits;
  *node = (canon_node){.kind = CANON_NODE_NONE};
  switch (json_typeof(value)) {
    case JSON_OBJECT: node->kind = CANON_NODE_DICT; return CANON_OK;
    case JSON_ARRAY: node->kind = CANON_NODE_LIST; return CANON_OK;
    case JSON_STRING:
      node->kind = CANON_NODE_STR;
      return keep(job, tree, node, json_string_value(value), json_string_length(value));
    case JSON_INTEGER:
      node->kind = CANON_NODE_INT;
      return keep(job, tree, node, bytes, shortest(json_integer_value(value), bytes));
    case JSON_REAL:
      node->kind = CANON_NODE_FLOAT;
      memcpy(&bits, &real, sizeof bits);
      store_u64(bytes, bits);
      return keep(job, tree, node, bytes, sizeof bytes);
    case JSON_TRUE:
    case JSON_FALSE:
      node->kind = CANON_NODE_BOOL;
      bytes[0] = json_is_true(value);
      return keep(job, tree, node, bytes, 1);
    default: return CANON_OK;
  }
}

/* A container on the way down, and how far it has been walked. */
typedef struct level {
  json_t *container;
  void *entry; /* of an object: the next one */
  size_t item; /* of an array */
  uint64_t node;
} level;

static int next_value(level *at, json_t **value, const char **key) {
  if (json_is_array(at->container)) {
    *key = NULL;
    return (*value = json_array_get(at->container, at->item++)) != NULL;
  }
  if (!at->entry) return 0;
  *key = json_object_iter_key(at->entry);
  *value = json_object_iter_value(at->entry);
  at->entry = json_object_iter_next(at->container, at->entry);
  return 1;
}

static int32_t add_value(canon_job *job, colbert_tree *tree, uint64_t parent, const char *key, json_t *value,
                         level *levels, uint32_t *depth) {
  canon_node node;
  int32_t code = value_node(job, tree, value, &node);
  if (code) return code;
  uint64_t added = colbert_tree_add(job, tree, parent, key, &node);
  if (added == CANON_NONE) return canon_failed(job);
  if (node.kind != CANON_NODE_DICT && node.kind != CANON_NODE_LIST) return CANON_OK;
  if (*depth == COLBERT_JSON_DEPTH)
    return canon_fail(job, CANON_E_LIMIT, CANON_NONE, "more than %d lists and objects within each other",
                      COLBERT_JSON_DEPTH);
  levels[(*depth)++] = (level){value, json_is_object(value) ? json_object_iter(value) : NULL, 0, added};
  return CANON_OK;
}

static int32_t add_values(canon_job *job, colbert_tree *tree, uint64_t parent, const char *key, json_t *root) {
  level levels[COLBERT_JSON_DEPTH];
  uint32_t depth = 0;
  int32_t code = add_value(job, tree, parent, key, root, levels, &depth);
  while (!code && depth) {
    level *at = &levels[depth - 1];
    json_t *value;
    const char *name;
    if (!next_value(at, &value, &name)) {
      depth--;
      continue;
    }
    const char *kept = name ? arena_text(job, &tree->memory, name, strlen(name)) : NULL;
    code = name && !kept ? canon_failed(job) : add_value(job, tree, at->node, kept, value, levels, &depth);
  }
  return code;
}

int32_t colbert_tree_add_json(canon_job *job, colbert_tree *tree, uint64_t parent, const char *key,
                              const canon_source *source) {
  json_t *root;
  const char *name = job->host->source_name(job, source);
  int32_t code =
      json_document_read(job, source, 0, job->host->source_size(job, source), COLBERT_JSON_BYTES, name, &root);
  if (code) return code;
  if (!json_is_object(root))
    code = canon_fail(job, CANON_E_MALFORMED, CANON_NONE, "%s: a list, where an object must be", name);
  if (!code) code = add_values(job, tree, parent, key, root);
  json_decref(root);
  return code;
}
