/* SPDX-License-Identifier: MIT
 * tree.c: the nodes of a manifest under construction, and JSON values as such. Without recursion. */
#include <stdlib.h>
#include <string.h>

#include "formats/colbert/colbert.h"
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
  canon_store_le64(bytes, (uint64_t)value);
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
      canon_store_le64(bytes, bits);
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
  const char **keys; /* of an object, in the order in which they are taken */
  size_t next, n;
  uint64_t node;
} level;

static int by_bytes(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

static int32_t enter(canon_job *job, colbert_tree *tree, json_t *container, uint64_t node, level *at) {
  *at = (level){.container = container, .n = json_array_size(container), .node = node};
  if (json_is_array(container)) return CANON_OK;
  const char *key;
  json_t *value;
  at->keys = arena_alloc(job, &tree->memory, json_object_size(container) * sizeof *at->keys);
  if (!at->keys) return canon_failed(job);
  json_object_foreach(container, key, value) {
    at->keys[at->n] = arena_text(job, &tree->memory, key, strlen(key));
    if (!at->keys[at->n++]) return canon_failed(job);
  }
  if (tree->sorts && at->n) qsort(at->keys, at->n, sizeof *at->keys, by_bytes);
  return CANON_OK;
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
  return enter(job, tree, value, added, &levels[(*depth)++]);
}

static int32_t add_values(canon_job *job, colbert_tree *tree, uint64_t parent, const char *key, json_t *root) {
  level levels[COLBERT_JSON_DEPTH];
  uint32_t depth = 0;
  int32_t code = add_value(job, tree, parent, key, root, levels, &depth);
  while (!code && depth) {
    level *at = &levels[depth - 1];
    if (at->next == at->n) {
      depth--;
      continue;
    }
    const char *name = at->keys ? at->keys[at->next] : NULL;
    json_t *value = name ? json_object_get(at->container, name) : json_array_get(at->container, at->next);
    at->next++;
    code = add_value(job, tree, at->node, name, value, levels, &depth);
  }
  return code;
}

static void drop_run(colbert_tree *tree, json_t *root) {
  json_t *config = json_object_get(root, "config");
  for (size_t i = 0; tree->drops_run && colbert_run_key(i); i++)
    tree->dropped += json_object_del(config, colbert_run_key(i)) == 0;
}

static int32_t add_object(canon_job *job, colbert_tree *tree, uint64_t parent, const char *key, const char *name,
                          json_t *root) {
  int32_t code = CANON_OK;
  if (!json_is_object(root))
    code = canon_fail(job, CANON_E_MALFORMED, CANON_NONE, "%s: a list, where an object must be", name);
  if (!code) drop_run(tree, root);
  if (!code) code = add_values(job, tree, parent, key, root);
  json_decref(root);
  return code;
}

int32_t colbert_tree_add_json(canon_job *job, colbert_tree *tree, uint64_t parent, const char *key,
                              const canon_source *source) {
  json_t *root;
  const char *name = job->host->source_name(job, source);
  int32_t code =
      json_document_read(job, source, 0, job->host->source_size(job, source), COLBERT_JSON_BYTES, name, &root);
  return code ? code : add_object(job, tree, parent, key, name, root);
}

int32_t colbert_tree_add_text(canon_job *job, colbert_tree *tree, uint64_t parent, const char *key,
                              const canon_node *node) {
  json_t *root;
  char name[200];
  snprintf(name, sizeof name, "%.*s", node->key_size < sizeof name ? (int)node->key_size : (int)sizeof name - 1,
           (const char *)node->key);
  if (node->data_size > COLBERT_JSON_BYTES)
    return canon_fail(job, CANON_E_LIMIT, CANON_NONE, "%s: %" PRIu64 " bytes of JSON, more than the %d that are read",
                      name, node->data_size, COLBERT_JSON_BYTES);
  int32_t code = json_document_parse(job, node->data, 0, node->data_size, name, &root);
  return code ? code : add_object(job, tree, parent, key, name, root);
}
