/* SPDX-License-Identifier: MIT
 * arrange.c: the order of a tree's nodes in its canonical form. Members of sets are compared with all that they hold,
 * so containers are put in order from the innermost out. */
#include "core/base/mem.h"
#include "core/base/sort.h"
#include "core/model/model.h"

/* The walk */

void walk_start(struct walk *walk, const struct arrangement *arrangement, uint64_t root) {
  walk->arrangement = arrangement;
  walk->pending = root;
  walk->depth = 0;
}

int walk_next(struct walk *walk, uint64_t *node, uint64_t *place) {
  const struct arrangement *a = walk->arrangement;
  uint64_t i = walk->pending, number = 0;
  walk->pending = CANON_NONE;
  if (i == CANON_NONE) {
    while (walk->depth && walk->open[walk->depth - 1].next == walk->open[walk->depth - 1].end) walk->depth--;
    if (walk->depth == 0) return 0;
    uint64_t at = walk->open[walk->depth - 1].next++;
    i = a->children[at];
    number = at - a->first[a->tree->nodes[i].parent];
  }
  if (tree_is_container(&a->tree->nodes[i])) {
    walk->open[walk->depth].next = a->first[i];
    walk->open[walk->depth++].end = a->first[i + 1];
  }
  *node = i;
  *place = number;
  return 1;
}

/* Comparisons */

static int compare_numbers(uint64_t a, uint64_t b) { return (a > b) - (a < b); }

static int compare_tensors(const canon_node *a, const canon_node *b) {
  int order = compare_numbers(a->dtype, b->dtype);
  if (!order) order = compare_numbers(a->rank, b->rank);
  for (uint32_t i = 0; !order && i < a->rank; i++) order = compare_numbers(a->shape[i], b->shape[i]);
  return order;
}

/* Two nodes without what is below them. */
static int compare_nodes(const struct arrangement *a, uint64_t x, uint64_t y) {
  const canon_node *m = &a->tree->nodes[x], *n = &a->tree->nodes[y];
  if (m->kind != n->kind) return compare_numbers(m->kind, n->kind);
  if (m->kind == CANON_NODE_TENSOR) return compare_tensors(m, n);
  if (tree_is_container(m)) return compare_numbers(a->first[x + 1] - a->first[x], a->first[y + 1] - a->first[y]);
  if (m->kind == CANON_NODE_OPAQUE && strcmp(m->type, n->type) != 0) return strcmp(m->type, n->type);
  return value_compare(m->kind, m->data, m->data_size, n->data, n->data_size);
}

/* Equal so far means that both have the same number of children, so that the two walks stay side by side. */
static int compare_members(const void *context, uint64_t x, uint64_t y) {
  const struct arrangement *a = context;
  struct walk one, other;
  uint64_t i, j, place;
  walk_start(&one, a, x);
  walk_start(&other, a, y);
  while (walk_next(&one, &i, &place) && walk_next(&other, &j, &place)) {
    const canon_node *m = &a->tree->nodes[i], *n = &a->tree->nodes[j];
    int order = m->key_kind == CANON_KEY_INDEX ? 0 : key_compare(m, n);
    if (!order) order = compare_nodes(a, i, j);
    if (order) return order;
  }
  return 0;
}

static int compare_entries(const void *context, uint64_t x, uint64_t y) {
  const struct arrangement *a = context;
  if (a->heads[x] != a->heads[y]) return a->heads[x] < a->heads[y] ? -1 : 1;
  return key_compare(&a->tree->nodes[x], &a->tree->nodes[y]);
}

/* The order */

static uint64_t common_bytes(const canon_node *m, const canon_node *n, uint64_t most) {
  const uint8_t *a = m->key, *b = n->key;
  uint64_t i = 0;
  while (i < most && i < m->key_size && i < n->key_size && a[i] == b[i]) i++;
  return i;
}

/* The first eight bytes behind what all keys of a dict begin with: most comparisons end here, in one small array. Equal
 * heads decide nothing, and no key of text holds the 0 that a short one ends with. */
static void find_heads(const struct arrangement *a, const uint64_t *children, uint64_t n) {
  const canon_node *nodes = a->tree->nodes;
  uint64_t common = UINT64_MAX;
  for (uint64_t i = 0; i < n; i++) {
    if (nodes[children[i]].key_kind != CANON_KEY_STR) return;
    common = common_bytes(&nodes[children[0]], &nodes[children[i]], common);
  }
  for (uint64_t i = 0; i < n; i++) {
    const canon_node *node = &nodes[children[i]];
    const uint8_t *key = node->key;
    for (uint64_t j = common; j < common + 8; j++)
      a->heads[children[i]] = a->heads[children[i]] << 8 | (j < node->key_size ? key[j] : 0);
  }
}

static int32_t refuse_twins(canon_job *job, const struct tree *tree, uint64_t node) {
  struct text text = {0};
  text_string(&text, "two entries of a dict have one key (");
  text_string(&text, canon_key_kind_name(tree->nodes[node].key_kind));
  text_string(&text, "), that of ");
  quoted_path(&text, tree, node);
  return model_fail(job, CANON_E_MALFORMED, &text);
}

static int32_t arrange_dict(canon_job *job, struct arrangement *a, uint64_t *children, uint64_t n, int keep_order) {
  uint64_t *sorted = children, *scratch = a->scratch;
  if (keep_order) {
    sorted = a->scratch;
    scratch = a->scratch + n;
    memcpy(sorted, children, n * sizeof *sorted);
  }
  find_heads(a, children, n);
  sort_indexes(sorted, scratch, n, compare_entries, a);
  for (uint64_t i = 1; i < n; i++)
    if (compare_entries(a, sorted[i - 1], sorted[i]) == 0) return refuse_twins(job, a->tree, sorted[i]);
  return CANON_OK;
}

/* first[i + 1] counts, then first[i] is where children of i begin; they come in file order. */
static void find_children(struct arrangement *a) {
  const struct tree *tree = a->tree;
  uint64_t n = tree->n_nodes;
  for (uint64_t i = 1; i < n; i++) a->first[tree->nodes[i].parent + 1]++;
  for (uint64_t i = 0; i < n; i++) a->first[i + 1] += a->first[i];
  memcpy(a->scratch, a->first, n * sizeof *a->scratch);
  for (uint64_t i = 1; i < n; i++) a->children[a->scratch[tree->nodes[i].parent]++] = i;
}

int32_t arrange(canon_job *job, const struct tree *tree, int keep_order, struct arrangement *a) {
  uint64_t n = tree->n_nodes;
  *a = (struct arrangement){.tree = tree};
  a->children = model_array(n, sizeof *a->children);
  a->first = model_array(n + 1, sizeof *a->first);
  a->scratch = model_array(2 * n, sizeof *a->scratch);
  a->heads = model_array(n, sizeof *a->heads);
  int32_t code = a->children && a->first && a->scratch && a->heads ? CANON_OK : model_no_memory(job);
  if (!code) find_children(a);
  for (uint64_t i = n; !code && i--;) {
    uint64_t *children = a->children + a->first[i], count = a->first[i + 1] - a->first[i];
    if (tree->nodes[i].kind == CANON_NODE_DICT) code = arrange_dict(job, a, children, count, keep_order);
    if (tree->nodes[i].kind == CANON_NODE_SET) sort_indexes(children, a->scratch, count, compare_members, a);
  }
  if (code) arrangement_free(a);
  return code;
}

void arrangement_free(struct arrangement *a) {
  mem_free(a->children);
  mem_free(a->first);
  mem_free(a->scratch);
  mem_free(a->heads);
  *a = (struct arrangement){0};
}
