/* SPDX-License-Identifier: MIT
 * compare.c: canon_compare: matches the leaves of two trees by path, what is left by digest, and has each pair of
 * tensors compared. */
#include "core/job/compare.h"

#include "core/base/mem.h"
#include "core/base/sort.h"

struct canon_comparison {
  canon_artifact *a, *b;
  canon_compare_options options;
  canon_difference *tensors;
  canon_value_difference *values;
  canon_check_result *results; /* n_checks for each tensor */
  struct checks *checks;
  canon_diff_stats **stats; /* NULL, or of each tensor */
  uint64_t n_stats;
  canon_diff_map **maps; /* NULL, or of each tensor */
  uint64_t n_maps, maps_made;
  uint64_t n_tensors, n_values, n_volatile;
  uint32_t verdict;
};

/* A leaf of either side: first all of a's, then all of b's, each in its tree's order. */
struct item {
  struct side side;
  const char *path;
  uint64_t partner; /* the item on the other side, or CANON_NONE */
  int moved;        /* found by digest */
};

struct items {
  struct item *items;
  uint64_t n, n_a;
  uint64_t *order, *scratch;
};

static const canon_node *node_of(const struct item *item) { return &item->side.artifact->tree->nodes[item->side.node]; }

/* ---- names ---- */

static const char *const status_names[] = {
    [CANON_DIFF_SAME] = "same",   [CANON_DIFF_DIFFERS] = "differs", [CANON_DIFF_MISSING] = "missing",
    [CANON_DIFF_EXTRA] = "extra", [CANON_DIFF_MOVED] = "moved",     [CANON_DIFF_SHAPE] = "shape",
    [CANON_DIFF_DTYPE] = "dtype",
};

static const char *const class_names[] = {
    [CANON_CLASS_SAME] = "same",           [CANON_CLASS_ROUNDING] = "rounding",
    [CANON_CLASS_HALF_FLIP] = "half-flip", [CANON_CLASS_PERMUTATION] = "permutation",
    [CANON_CLASS_VALUES] = "values",       [CANON_CLASS_STRUCTURE] = "structure",
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

const char *canon_diff_status_name(uint32_t status) {
  return status < COUNT(status_names) ? status_names[status] : NULL;
}
const char *canon_diff_class_name(uint32_t verdict) {
  return verdict < COUNT(class_names) ? class_names[verdict] : NULL;
}

/* ---- matching ---- */

static int is_leaf(const struct tree *tree, uint64_t node, int tensors) {
  if (tensors) return tree->nodes[node].kind == CANON_NODE_TENSOR;
  if (tree_is_container(&tree->nodes[node])) return tree->end[node] == node + 1;
  return tree->nodes[node].kind != CANON_NODE_TENSOR;
}

static int32_t out_of_memory(const canon_comparison *c) {
  return canon_fail(job_public(c->a->job), CANON_E_MEMORY, CANON_NONE, "out of memory");
}

static int32_t collect(const canon_comparison *c, int tensors, struct items *all) {
  uint64_t room = c->a->tree->n_nodes + c->b->tree->n_nodes;
  canon_artifact *sides[] = {c->a, c->b};
  *all = (struct items){.items = mem_alloc(room * sizeof *all->items), .order = mem_alloc(room * sizeof *all->order)};
  all->scratch = mem_alloc(room * sizeof *all->scratch);
  if (!all->items || !all->order || !all->scratch) return out_of_memory(c);
  for (int side = 0; side < 2; side++) {
    struct tree *tree = sides[side]->tree;
    if (side == 1) all->n_a = all->n;
    for (uint64_t i = 0; i < tree->n_nodes; i++) {
      if (!is_leaf(tree, i, tensors)) continue;
      struct item item = {.side = {sides[side], i}, .path = tree_path(tree, i), .partner = CANON_NONE};
      if (!item.path) return out_of_memory(c);
      all->items[all->n++] = item;
    }
  }
  return CANON_OK;
}

static void items_free(struct items *all) {
  mem_free(all->items);
  mem_free(all->order);
  mem_free(all->scratch);
}

static int by_path(const void *context, uint64_t a, uint64_t b) {
  const struct items *all = context;
  return strcmp(all->items[a].path, all->items[b].path);
}

static int by_shape(const void *context, uint64_t a, uint64_t b) {
  const struct items *all = context;
  const canon_node *x = node_of(&all->items[a]), *y = node_of(&all->items[b]);
  if (x->dtype != y->dtype) return x->dtype < y->dtype ? -1 : 1;
  if (x->rank != y->rank) return x->rank < y->rank ? -1 : 1;
  for (uint32_t i = 0; i < x->rank; i++)
    if (x->shape[i] != y->shape[i]) return x->shape[i] < y->shape[i] ? -1 : 1;
  return 0;
}

static int by_digest(const void *context, uint64_t a, uint64_t b) {
  const struct items *all = context;
  const struct side *x = &all->items[a].side, *y = &all->items[b].side;
  int order = by_shape(context, a, b);
  return order ? order : memcmp(x->artifact->sha256[x->node], y->artifact->sha256[y->node], SHA256_BYTES);
}

typedef int item_order(const void *context, uint64_t a, uint64_t b);

/* Of the n items in `order`: the end of those that are like the one at `first`. */
static uint64_t group_end(const struct items *all, uint64_t n, uint64_t first, item_order *compare) {
  uint64_t end = first + 1;
  while (end < n && compare(all, all->order[first], all->order[end]) == 0) end++;
  return end;
}

/* Pairs what is alike, the first one of a with the first one of b: the sort keeps their order. */
static void pair_up(struct items *all, uint64_t n, item_order *compare, int moved) {
  sort_indexes(all->order, all->scratch, n, compare, all);
  for (uint64_t first = 0, end; first < n; first = end) {
    uint64_t of_b = first;
    end = group_end(all, n, first, compare);
    while (of_b < end && all->order[of_b] < all->n_a) of_b++;
    for (uint64_t i = first, k = of_b; i < of_b && k < end; i++, k++) {
      struct item *x = &all->items[all->order[i]], *y = &all->items[all->order[k]];
      x->partner = all->order[k];
      y->partner = all->order[i];
      x->moved = y->moved = moved;
    }
  }
}

static uint64_t list_unpaired(struct items *all) {
  uint64_t n = 0;
  for (uint64_t i = 0; i < all->n; i++)
    if (all->items[i].partner == CANON_NONE) all->order[n++] = i;
  return n;
}

/* Keeps of the n in `order` those that have one of their dtype and shape on the other side. */
static uint64_t keep_candidates(struct items *all, uint64_t n) {
  uint64_t kept = 0;
  sort_indexes(all->order, all->scratch, n, by_shape, all);
  for (uint64_t first = 0, end; first < n; first = end) {
    end = group_end(all, n, first, by_shape);
    if (all->order[first] >= all->n_a || all->order[end - 1] < all->n_a) continue;
    for (uint64_t i = first; i < end; i++) all->order[kept++] = all->order[i];
  }
  return kept;
}

static int32_t digest_side(const canon_comparison *c, struct items *all, uint64_t n, canon_artifact *artifact) {
  uint64_t *nodes = mem_alloc(n * sizeof *nodes), count = 0;
  if (!nodes) return out_of_memory(c);
  for (uint64_t i = 0; i < n; i++) {
    const struct side *side = &all->items[all->order[i]].side;
    if (side->artifact == artifact) nodes[count++] = side->node;
  }
  int32_t code = artifact_digest_tensors(artifact, nodes, count);
  mem_free(nodes);
  return code ? job_adopt_failure(c->a->job, artifact->job) : CANON_OK;
}

static int32_t find_moved(const canon_comparison *c, struct items *all) {
  uint64_t n = keep_candidates(all, list_unpaired(all));
  if (!n) return CANON_OK;
  int32_t code = digest_side(c, all, n, c->a);
  if (!code) code = digest_side(c, all, n, c->b);
  if (!code) pair_up(all, n, by_digest, 1);
  return code;
}

static int32_t match(const canon_comparison *c, int tensors, struct items *all) {
  int32_t code = collect(c, tensors, all);
  if (code) return code;
  for (uint64_t i = 0; i < all->n; i++) all->order[i] = i;
  pair_up(all, all->n, by_path, 0);
  return tensors ? find_moved(c, all) : CANON_OK;
}

/* ---- tensors ---- */

/* What the matching alone tells; SAME where the elements have to. */
static uint32_t status_of(const struct items *all, const struct item *item) {
  if (item->partner == CANON_NONE) return CANON_DIFF_MISSING;
  const canon_node *x = node_of(item), *y = node_of(&all->items[item->partner]);
  if (item->moved) return CANON_DIFF_MOVED;
  if (x->dtype != y->dtype) return CANON_DIFF_DTYPE;
  if (x->rank != y->rank) return CANON_DIFF_SHAPE;
  for (uint32_t i = 0; i < x->rank; i++)
    if (x->shape[i] != y->shape[i]) return CANON_DIFF_SHAPE;
  return CANON_DIFF_SAME;
}

/* With whatever else is asked for of this tensor, which has elements. */
static int32_t compare_closely(canon_comparison *c, const canon_node *node, struct pair *pair, canon_difference *d,
                               canon_check_result *results) {
  uint64_t i = c->n_tensors - 1, columns = node->rank ? node->shape[node->rank - 1] : 1, rows = d->elements / columns;
  int wants_stats = c->stats && pair->element.kind != CANON_KIND_RAW, wants_map = c->maps_made < c->options.maps;
  canon_diff_stats *stats = wants_stats ? c->stats[i] = mem_alloc(sizeof *stats) : NULL;
  canon_diff_map *map = wants_map ? c->maps[i] = mem_alloc(sizeof *map) : NULL;
  pair->marks = wants_stats ? mem_alloc(sizeof *pair->marks) : NULL;
  pair->map = wants_map ? mem_alloc(sizeof *pair->map) : NULL;
  int complete = (!wants_stats || (stats && pair->marks)) && (!wants_map || (map && pair->map));
  if (pair->marks) pair->marks->rows = rows, pair->marks->columns = columns;
  if (pair->map) map_init(pair->map, rows, columns);
  int32_t code = complete ? compare_tensor(pair, d, results, stats, map) : out_of_memory(c);
  if (map && d->status == CANON_DIFF_SAME) {
    mem_free(map);
    c->maps[i] = NULL;
  }
  c->maps_made += map && d->status == CANON_DIFF_DIFFERS;
  mem_free(pair->marks);
  mem_free(pair->map);
  return code;
}

static int32_t compare_item(canon_comparison *c, const struct items *all, const struct item *item,
                            struct progress *progress) {
  const canon_node *node = node_of(item);
  canon_tensor tensor = artifact_tensor(node);
  canon_difference *d = &c->tensors[c->n_tensors++];
  int is_b = item->side.artifact == c->b;
  uint64_t partner = item->partner == CANON_NONE ? CANON_NONE : all->items[item->partner].side.node;
  *d = (canon_difference){.first = CANON_NONE, .worst = CANON_NONE, .worst_ulp = CANON_NONE};
  d->elements = tensor_elements(&tensor);
  d->a = is_b ? CANON_NONE : item->side.node;
  d->b = is_b ? item->side.node : partner;
  d->status = is_b ? CANON_DIFF_EXTRA : status_of(all, item);
  d->verdict = d->status == CANON_DIFF_SAME ? CANON_CLASS_SAME : CANON_CLASS_STRUCTURE;
  if (d->status != CANON_DIFF_SAME) return CANON_OK;
  struct pair pair = {.a = item->side, .b = all->items[item->partner].side, .element = element_of(node->dtype)};
  pair.elements = d->elements;
  pair.row = node->rank && node->shape[0] ? d->elements / node->shape[0] : 1;
  pair.equal = c->options.equal;
  struct rules rules;
  checks_apply(c->checks, item->path, node->dtype, &rules);
  pair.rules = &rules;
  pair.progress = progress;
  canon_check_result *results = c->results + (c->n_tensors - 1) * c->options.n_checks;
  if (!pair.elements) return compare_tensor(&pair, d, results, NULL, NULL);
  return compare_closely(c, node, &pair, d, results);
}

static int32_t compare_tensors(canon_comparison *c, const struct items *all, uint64_t bytes) {
  struct progress progress = {.total = bytes};
  int32_t code = CANON_OK;
  c->tensors = mem_alloc(all->n * sizeof *c->tensors);
  c->results = mem_alloc(all->n * c->options.n_checks * sizeof *c->results);
  int wants_stats = (c->options.flags & CANON_COMPARE_STATS) != 0;
  if (wants_stats) c->stats = mem_alloc(all->n * sizeof *c->stats);
  if (c->options.maps) c->maps = mem_alloc(all->n * sizeof *c->maps);
  int complete = c->tensors && c->results && (!wants_stats || c->stats) && (!c->options.maps || c->maps);
  if (!complete) return out_of_memory(c);
  c->n_stats = wants_stats ? all->n : 0;
  c->n_maps = c->options.maps ? all->n : 0;
  for (uint64_t i = 0; !code && i < all->n; i++) {
    if (i >= all->n_a && all->items[i].partner != CANON_NONE) continue;
    code = compare_item(c, all, &all->items[i], &progress);
    uint32_t verdict = c->tensors[c->n_tensors - 1].verdict;
    if (verdict > c->verdict) c->verdict = verdict;
    if (verdict && c->options.flags & CANON_COMPARE_FIRST) break;
  }
  return code;
}

/* ---- values ---- */

static int is_volatile(const struct item *item) { return item && node_of(item)->flags & CANON_NODE_VOLATILE; }

static int32_t compare_values(canon_comparison *c, const struct items *all) {
  c->values = mem_alloc(all->n * sizeof *c->values);
  if (!c->values) return out_of_memory(c);
  for (uint64_t i = 0; i < all->n; i++) {
    const struct item *item = &all->items[i],
                      *partner = item->partner == CANON_NONE ? NULL : &all->items[item->partner];
    int is_b = i >= all->n_a;
    if (is_b && partner) continue;
    if (!(c->options.flags & CANON_COMPARE_VOLATILE) && (is_volatile(item) || is_volatile(partner))) {
      c->n_volatile++;
      continue;
    }
    canon_value_difference *d = &c->values[c->n_values++];
    d->a = is_b ? CANON_NONE : item->side.node;
    d->b = is_b ? item->side.node : partner ? partner->side.node : CANON_NONE;
    if (!partner) d->status = is_b ? CANON_DIFF_EXTRA : CANON_DIFF_MISSING;
    else d->status = tree_value_same(node_of(item), node_of(partner)) ? CANON_DIFF_SAME : CANON_DIFF_DIFFERS;
    uint32_t verdict = !d->status ? CANON_CLASS_SAME : partner ? CANON_CLASS_VALUES : CANON_CLASS_STRUCTURE;
    if (verdict > c->verdict) c->verdict = verdict;
  }
  return CANON_OK;
}

/* ---- the whole ---- */

static int32_t of_b(const canon_comparison *c, int32_t code) {
  return code ? job_adopt_failure(c->a->job, c->b->job) : CANON_OK;
}

/* What is wrong with the checks is no fault of a file. */
static int32_t prepare_checks(canon_comparison *c, const struct items *tensors) {
  canon_job *job = job_public(c->a->job);
  const char *before = job_about(c->a->job, "");
  int32_t code = checks_new(job, c->options.checks, c->options.n_checks, &c->checks);
  for (uint64_t i = 0; !code && i < tensors->n; i++) checks_see(c->checks, tensors->items[i].path);
  if (!code) code = checks_all_used(job, c->checks);
  job_about(c->a->job, before);
  return code;
}

static int32_t compare(canon_comparison *c) {
  struct items tensors = {0}, values = {0};
  uint64_t a_bytes = 0, b_bytes = 0;
  int32_t code = artifact_check_expansion(c->a, &a_bytes);
  if (!code) code = of_b(c, artifact_check_expansion(c->b, &b_bytes));
  if (!code) code = match(c, 1, &tensors);
  if (!code) code = prepare_checks(c, &tensors);
  if (!code) code = compare_tensors(c, &tensors, a_bytes + b_bytes);
  int ends = c->verdict && c->options.flags & CANON_COMPARE_FIRST;
  if (!code && !ends) code = match(c, 0, &values);
  if (!code && !ends) code = compare_values(c, &values);
  if (!code) code = source_unchanged(job_public(c->a->job), c->a->source);
  if (!code) code = of_b(c, source_unchanged(job_public(c->b->job), c->b->source));
  items_free(&tensors);
  items_free(&values);
  return code;
}

int32_t canon_compare(canon_artifact *a, canon_artifact *b, const canon_compare_options *options,
                      canon_comparison **comparison) {
  *comparison = NULL;
  context_begin(a->context);
  job_forget_failure(a->job);
  job_forget_failure(b->job);
  if (a == b || a->context != b->context)
    canon_fail(job_public(a->job), CANON_E_USAGE, CANON_NONE,
               "two artifacts of one context are compared; open it twice");
  canon_comparison *c = mem_alloc(sizeof *c);
  if (!c) return context_out_of_memory(a->context);
  c->a = a;
  c->b = b;
  if (options) c->options = *options;
  int32_t code = job_code(a->job) ? job_code(a->job) : compare(c);
  if (code) {
    canon_comparison_free(c);
    return context_take_failure(a->context, a->job);
  }
  *comparison = c;
  return CANON_OK;
}

void canon_comparison_free(canon_comparison *c) {
  if (!c) return;
  mem_free(c->tensors);
  mem_free(c->values);
  mem_free(c->results);
  for (uint64_t i = 0; i < c->n_stats; i++) mem_free(c->stats[i]);
  mem_free(c->stats);
  for (uint64_t i = 0; i < c->n_maps; i++) mem_free(c->maps[i]);
  mem_free(c->maps);
  checks_free(c->checks);
  mem_free(c);
}

uint64_t canon_comparison_tensors(const canon_comparison *c) { return c->n_tensors; }
const canon_difference *canon_comparison_tensor(const canon_comparison *c, uint64_t i) { return &c->tensors[i]; }

const canon_diff_stats *canon_comparison_stats(const canon_comparison *c, uint64_t i) {
  return c->stats && c->tensors[i].status <= CANON_DIFF_DIFFERS ? c->stats[i] : NULL;
}

const canon_diff_map *canon_comparison_map(const canon_comparison *c, uint64_t i) {
  return c->maps ? c->maps[i] : NULL;
}

const canon_check_result *canon_comparison_check(const canon_comparison *c, uint64_t i, uint64_t check) {
  return c->tensors[i].status > CANON_DIFF_DIFFERS ? NULL : &c->results[i * c->options.n_checks + check];
}

uint64_t canon_comparison_values(const canon_comparison *c) { return c->n_values; }
const canon_value_difference *canon_comparison_value(const canon_comparison *c, uint64_t i) { return &c->values[i]; }
uint64_t canon_comparison_volatile(const canon_comparison *c) { return c->n_volatile; }
uint32_t canon_comparison_verdict(const canon_comparison *c) { return c->verdict; }
