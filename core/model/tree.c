/* SPDX-License-Identifier: MIT
 * tree.c: a tree's memory, and the texts that it keeps for those who ask. */
#include "core/model/tree.h"

#include "core/base/mem.h"
#include "core/model/model.h"

enum { CHUNK_BYTES = 1 << 16 };

struct chunk {
  struct chunk *next;
  size_t size, used;
  char bytes[];
};

/* Paths by node; values by origin, since nodes of one origin have one value. */
struct tree_cache {
  const char **paths, **values;
  struct chunk *chunks;
};

int32_t model_no_memory(canon_job *job) { return canon_fail(job, CANON_E_MEMORY, CANON_NONE, "out of memory"); }

int32_t model_fail(canon_job *job, int32_t code, struct text *text) {
  code = text->failed ? model_no_memory(job) : job->host->fail(job, code, CANON_NONE, text->bytes);
  text_free(text);
  return code;
}

void *model_array(uint64_t n, size_t element) {
  return n < PTRDIFF_MAX / element ? mem_alloc((size_t)(n ? n : 1) * element) : NULL;
}

struct tree *tree_new(canon_job *job, const canon_manifest *like, uint64_t n_nodes, uint64_t n_origins) {
  struct tree *tree = mem_alloc(sizeof *tree);
  if (tree) {
    tree->nodes = model_array(n_nodes, sizeof *tree->nodes);
    tree->origin = model_array(n_nodes, sizeof *tree->origin);
    tree->end = model_array(n_nodes, sizeof *tree->end);
    tree->place = model_array(n_nodes, sizeof *tree->place);
    tree->cache = mem_alloc(sizeof *tree->cache);
  }
  if (!tree || !tree->nodes || !tree->origin || !tree->end || !tree->place || !tree->cache) {
    tree_free(tree);
    model_no_memory(job);
    return NULL;
  }
  tree->manifest = *like;
  tree->manifest.struct_size = sizeof tree->manifest;
  tree->manifest.node_size = sizeof *tree->nodes;
  tree->manifest.nodes = tree->nodes;
  tree->manifest.n_nodes = 0;
  tree->n_origins = n_origins;
  return tree;
}

uint64_t tree_push(struct tree *tree, const canon_node *node, uint64_t parent, uint64_t origin, uint64_t place) {
  uint64_t i = tree->n_nodes++;
  tree->nodes[i] = *node;
  tree->nodes[i].parent = parent;
  if (i == 0) {
    tree->nodes[i].key_kind = CANON_KEY_NONE_AT_ROOT;
    tree->nodes[i].key = NULL;
    tree->nodes[i].key_size = 0;
  }
  tree->origin[i] = origin;
  tree->place[i] = i ? place : 0;
  return i;
}

void tree_finish(struct tree *tree) {
  tree->manifest.n_nodes = tree->n_nodes;
  for (uint64_t i = 0; i < tree->n_nodes; i++) tree->end[i] = i + 1;
  for (uint64_t i = tree->n_nodes; i-- > 1;) {
    uint64_t parent = tree->nodes[i].parent;
    if (tree->end[parent] < tree->end[i]) tree->end[parent] = tree->end[i];
  }
}

void tree_free(struct tree *tree) {
  if (!tree) return;
  if (tree->cache) {
    for (struct chunk *chunk = tree->cache->chunks, *next; chunk; chunk = next) {
      next = chunk->next;
      mem_free(chunk);
    }
    mem_free(tree->cache->paths);
    mem_free(tree->cache->values);
    mem_free(tree->cache);
  }
  mem_free(tree->nodes);
  mem_free(tree->origin);
  mem_free(tree->end);
  mem_free(tree->place);
  mem_free(tree);
}

/* A copy that lives as long as the tree. Frees the text. */
static const char *keep(struct tree_cache *cache, struct text *text) {
  size_t size = text->size + 1;
  struct chunk *chunk = cache->chunks;
  char *kept = NULL;
  if (!text->failed && (!chunk || chunk->size - chunk->used < size)) {
    size_t room = size > CHUNK_BYTES ? size : CHUNK_BYTES;
    chunk = mem_alloc(sizeof *chunk + room);
    if (chunk) *chunk = (struct chunk){.next = cache->chunks, .size = room};
    if (chunk) cache->chunks = chunk;
  }
  if (!text->failed && chunk) {
    kept = chunk->bytes + chunk->used;
    chunk->used += size;
    if (text->size) memcpy(kept, text->bytes, text->size);
  }
  text_free(text);
  return kept;
}

static int have_table(const char ***table, uint64_t n) {
  if (!*table) *table = model_array(n, sizeof **table);
  return *table != NULL;
}

const char *tree_path(struct tree *tree, uint64_t node) {
  struct tree_cache *cache = tree->cache;
  if (!have_table(&cache->paths, tree->n_nodes)) return NULL;
  if (!cache->paths[node]) {
    struct text text = {0};
    path_text(&text, &tree->manifest, tree->place, sizeof *tree->place, node);
    cache->paths[node] = keep(cache, &text);
  }
  return cache->paths[node];
}

const char *tree_value_json(struct tree *tree, uint64_t node) {
  struct tree_cache *cache = tree->cache;
  const canon_node *n = &tree->nodes[node];
  if (tree_is_container(n)) return tree->end[node] > node + 1 ? "null" : n->kind == CANON_NODE_DICT ? "{}" : "[]";
  if (!have_table(&cache->values, tree->n_origins)) return NULL;
  const char **value = &cache->values[tree->origin[node]];
  if (!*value) {
    struct text text = {0};
    value_json(&text, n, 0);
    *value = keep(cache, &text);
  }
  return *value;
}
