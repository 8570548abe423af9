/* SPDX-License-Identifier: MIT
 * flat.c: the tree of an index from a flat dict of names such as "chunks/0/codes", which is what --flatten / makes of
 * it. Names go into the tree sorted, numbers as numbers; what has no place in an index is refused later, as in any
 * tree. */
#include <stdlib.h>
#include <string.h>

#include "formats/colbert/colbert.h"

enum { MOST_PIECES = 3 }; /* "chunks/0/codes" */

/* "a/b" as its pieces; what is behind the last slash that counts is one piece, whatever is in it. */
typedef struct entry {
  uint64_t node;
  const char *pieces[MOST_PIECES];
  uint32_t n_pieces;
} entry;

static int is_flat(const canon_manifest *manifest) {
  int deep = 0;
  for (uint64_t i = 1; i < manifest->n_nodes; i++) {
    const canon_node *node = canon_manifest_node(manifest, i);
    if (node->parent || node->key_kind != CANON_KEY_STR) return 0;
    deep |= node->key_size && memchr(node->key, '/', node->key_size) != NULL;
  }
  return deep;
}

static int is_text(const canon_node *node) {
  static const char SUFFIX[] = ".json";
  const uint64_t size = sizeof SUFFIX - 1;
  return node->kind == CANON_NODE_BYTES && node->key_size > size &&
         memcmp((const char *)node->key + node->key_size - size, SUFFIX, size) == 0;
}

static int32_t split(canon_job *job, arena *memory, const canon_node *node, entry *to) {
  uint64_t size = node->key_size - (is_text(node) ? strlen(".json") : 0);
  char *at = arena_text(job, memory, node->key, size);
  if (!at) return canon_failed(job);
  if (memchr(at, 0, size))
    return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE, "a name with a NUL in it has no place in an index");
  while (to->n_pieces < MOST_PIECES) {
    to->pieces[to->n_pieces++] = at;
    char *slash = to->n_pieces < MOST_PIECES ? strchr(at, '/') : NULL;
    if (!slash) break;
    *slash = 0;
    at = slash + 1;
  }
  return CANON_OK;
}

static int is_number(const char *piece) {
  size_t digits = strspn(piece, "0123456789");
  return digits && !piece[digits] && (piece[0] != '0' || digits == 1);
}

/* Numbers come first and by their value, so that chunk 10 is behind chunk 9. */
static int compare_pieces(const char *a, const char *b) {
  int numbers = is_number(a) && is_number(b);
  if (is_number(a) != is_number(b)) return is_number(a) ? -1 : 1;
  if (numbers && strlen(a) != strlen(b)) return strlen(a) < strlen(b) ? -1 : 1;
  return strcmp(a, b);
}

static int by_name(const void *left, const void *right) {
  const entry *a = left, *b = right;
  for (uint32_t i = 0; i < a->n_pieces && i < b->n_pieces; i++) {
    int order = compare_pieces(a->pieces[i], b->pieces[i]);
    if (order) return order;
  }
  return a->n_pieces < b->n_pieces ? -1 : a->n_pieces > b->n_pieces;
}

static uint32_t shared_pieces(const entry *a, const entry *b) {
  uint32_t n = 0;
  while (n + 1 < a->n_pieces && n + 1 < b->n_pieces && !strcmp(a->pieces[n], b->pieces[n])) n++;
  return n;
}

/* Two names for one place, or one for a container and what it holds: only one of them could be written. */
static int32_t check_apart(canon_job *job, const entry *before, const entry *after) {
  for (uint32_t i = 0; i < before->n_pieces; i++)
    if (i >= after->n_pieces || strcmp(before->pieces[i], after->pieces[i]) != 0) return CANON_OK;
  return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE,
                    "two names stand for /%.100s%s%.100s; leave one out: --exclude PATH", before->pieces[0],
                    before->n_pieces > 1 ? "/" : "", before->n_pieces > 1 ? before->pieces[1] : "");
}

typedef struct unflattening {
  canon_job *job;
  const canon_manifest *flat;
  colbert_tree *tree;
  uint64_t open[MOST_PIECES];  /* open[i]: the container that piece i is in */
  uint64_t items[MOST_PIECES]; /* in it, if it is the list of chunks; else CANON_NONE */
} unflattening;

/* The key that a piece is in the container around it: none in the list of chunks, where numbers count up. */
static int32_t take_key(unflattening *u, const char *piece, uint32_t level, const char **key) {
  uint64_t *items = &u->items[level];
  char number[24];
  *key = piece;
  if (*items == CANON_NONE) return CANON_OK;
  snprintf(number, sizeof number, "%" PRIu64, *items);
  if (strcmp(piece, number) != 0)
    return canon_fail(u->job, CANON_E_UNSUPPORTED, CANON_NONE,
                      "chunks/%.100s, where chunks/%s must be; chunks are counted from 0 on without gaps", piece,
                      number);
  ++*items;
  *key = NULL;
  return CANON_OK;
}

static int32_t open_containers(unflattening *u, const entry *from, uint32_t shared) {
  int32_t code = CANON_OK;
  for (uint32_t i = shared; !code && i + 1 < from->n_pieces; i++) {
    int is_list = i == 0 && strcmp(from->pieces[0], "chunks") == 0;
    const char *key;
    code = take_key(u, from->pieces[i], i, &key);
    if (code) return code;
    u->open[i + 1] = colbert_tree_add(u->job, u->tree, u->open[i], key,
                                      &(canon_node){.kind = is_list ? CANON_NODE_LIST : CANON_NODE_DICT});
    u->items[i + 1] = is_list ? 0 : CANON_NONE;
    if (u->open[i + 1] == CANON_NONE) code = canon_failed(u->job);
  }
  return code;
}

static int32_t add_entry(unflattening *u, const entry *from, const entry *before, uint64_t *origin) {
  const canon_node *node = canon_manifest_node(u->flat, from->node);
  uint32_t last = from->n_pieces - 1;
  const char *key;
  int32_t code = open_containers(u, from, before ? shared_pieces(before, from) : 0);
  if (!code) code = take_key(u, from->pieces[last], last, &key);
  if (code) return code;
  if (is_text(node)) return colbert_tree_add_text(u->job, u->tree, u->open[last], key, node);
  uint64_t added = colbert_tree_add(u->job, u->tree, u->open[last], key, node);
  if (added == CANON_NONE) return canon_failed(u->job);
  *origin = added;
  return CANON_OK;
}

static int32_t add_entries(unflattening *u, const entry *entries, uint64_t n, uint64_t **origin) {
  uint64_t *at = arena_alloc(u->job, &u->tree->memory, n * sizeof *at); /* where each entry went */
  int32_t code = at ? CANON_OK : canon_failed(u->job);
  for (uint64_t i = 0; !code && i < n; i++) {
    at[i] = CANON_NONE;
    code = i ? check_apart(u->job, &entries[i - 1], &entries[i]) : CANON_OK;
    if (!code) code = add_entry(u, &entries[i], i ? &entries[i - 1] : NULL, &at[i]);
  }
  *origin = code ? NULL : arena_alloc(u->job, &u->tree->memory, u->tree->n_nodes * sizeof **origin);
  if (!code && !*origin) code = canon_failed(u->job);
  for (uint64_t i = 0; !code && i < n; i++)
    if (at[i] != CANON_NONE) (*origin)[at[i]] = entries[i].node;
  return code;
}

int32_t colbert_unflatten(canon_job *job, const canon_manifest *flat, colbert_tree *tree, uint64_t **origin) {
  *origin = NULL;
  if (!is_flat(flat)) return CANON_OK;
  unflattening u = {.job = job, .flat = flat, .tree = tree, .items = {CANON_NONE}};
  uint64_t n = flat->n_nodes - 1;
  entry *entries = canon_alloc(job, n * sizeof *entries);
  tree->sorts = 1;
  u.open[0] = colbert_tree_add(job, tree, CANON_NONE, NULL, &(canon_node){.kind = CANON_NODE_DICT});
  int32_t code = entries && u.open[0] != CANON_NONE ? CANON_OK : canon_failed(job);
  for (uint64_t i = 0; !code && i < n; i++) {
    entries[i].node = i + 1;
    code = split(job, &tree->memory, canon_manifest_node(flat, i + 1), &entries[i]);
  }
  if (!code) qsort(entries, n, sizeof *entries, by_name);
  if (!code) code = add_entries(&u, entries, n, origin);
  canon_free(job, entries);
  return code;
}
