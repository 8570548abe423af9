/* SPDX-License-Identifier: MIT
 * canonical.c: the tree that is written: nodes in order, without what the canonical form has no word for. All that goes
 * is counted under the names below, which the report shows. */
#include "core/base/mem.h"
#include "core/base/sort.h"
#include "core/model/model.h"

enum loss {
  ORDERED_DICT,
  OTHER_DICT,
  PARAMETER,
  NUMPY_ARRAY,
  OTHER_TENSOR,
  REQUIRES_GRAD,
  METADATA,
  OTHER_ATTRIBUTE,
  CLASS_NAME,
  STRIDED,
  SHARED_STORAGE,
  SHARED_CONTAINER,
  RENUMBERED,
  LOSSES
};

static const char *const loss_names[LOSSES] = {
    [ORDERED_DICT] = "OrderedDict written as dict",
    [OTHER_DICT] = "dict subclass written as dict",
    [PARAMETER] = "Parameter written as tensor",
    [NUMPY_ARRAY] = "numpy array written as tensor",
    [OTHER_TENSOR] = "tensor subclass written as tensor",
    [REQUIRES_GRAD] = "requires_grad dropped",
    [METADATA] = "attribute _metadata dropped",
    [OTHER_ATTRIBUTE] = "other attribute dropped",
    [CLASS_NAME] = "class name dropped",
    [STRIDED] = "strided tensor written contiguous",
    [SHARED_STORAGE] = "tensor sharing storage written apart",
    [SHARED_CONTAINER] = "shared container written apart",
    [RENUMBERED] = "list item renumbered",
};

static void clean_attributes(canon_node *node, uint64_t losses[LOSSES]) {
  for (uint64_t i = 0; i < node->n_attributes; i++) {
    canon_attribute attribute;
    memcpy(&attribute, (const char *)node->attributes + i * node->attribute_size, sizeof attribute);
    losses[strcmp(attribute.name, "_metadata") == 0 ? METADATA : OTHER_ATTRIBUTE]++;
  }
  node->attributes = NULL;
  node->n_attributes = 0;
  node->attribute_size = sizeof(canon_attribute);
}

static int is_contiguous(const canon_node *node) {
  uint64_t elements, expected = 1;
  if (!canon_elements(node->shape, node->rank, &elements) || elements == 0) return 1;
  for (uint32_t i = node->rank; i--;) {
    if (node->shape[i] > 1 && (node->stride[i] < 0 || (uint64_t)node->stride[i] != expected)) return 0;
    expected *= node->shape[i];
  }
  return 1;
}

static void clean_tensor(canon_node *node, uint64_t losses[LOSSES]) {
  if (node->flags & CANON_NODE_PARAMETER) {
    losses[PARAMETER]++;
  } else if (node->flags & CANON_NODE_NUMPY) {
    losses[NUMPY_ARRAY]++;
  } else if (node->type) {
    losses[OTHER_TENSOR]++;
  }
  if (node->flags & CANON_NODE_REQUIRES_GRAD) losses[REQUIRES_GRAD]++;
  if (node->stride && !is_contiguous(node)) losses[STRIDED]++;
  node->type = NULL;
  node->stride = NULL;
  node->storage = node->offset = CANON_NONE;
  node->storage_bytes = 0;
}

/* A dict with a class that is no dict class (a sparse tensor) keeps its name: it is for the format to say whether it
 * can be written. So does what is opaque. */
static void clean_class(canon_node *node, uint64_t losses[LOSSES]) {
  if (node->kind == CANON_NODE_DICT && (node->flags & CANON_NODE_ORDERED)) {
    losses[!node->type || strstr(node->type, "OrderedDict") ? ORDERED_DICT : OTHER_DICT]++;
    node->type = NULL;
  } else if (node->kind != CANON_NODE_DICT && node->kind != CANON_NODE_OPAQUE && node->type) {
    losses[CLASS_NAME]++;
    node->type = NULL;
  }
}

static canon_node clean(const canon_node *from, uint64_t losses[LOSSES]) {
  canon_node node = *from;
  clean_attributes(&node, losses);
  if (node.kind == CANON_NODE_TENSOR) {
    clean_tensor(&node, losses);
  } else {
    clean_class(&node, losses);
  }
  node.flags &= CANON_NODE_MUTABLE;
  return node;
}

static int compare_numbers(const void *context, uint64_t a, uint64_t b) {
  (void)context;
  return (a > b) - (a < b);
}

/* Tensors whose storage an earlier one has as well. */
static int32_t count_shared_storage(canon_job *job, const struct tree *tree, uint64_t losses[LOSSES]) {
  uint64_t *storages = model_array(2 * tree->n_nodes, sizeof *storages), n = 0;
  if (!storages) return model_no_memory(job);
  for (uint64_t i = 0; i < tree->n_nodes; i++)
    if (tree->nodes[i].kind == CANON_NODE_TENSOR && tree->nodes[i].storage != CANON_NONE)
      storages[n++] = tree->nodes[i].storage;
  sort_indexes(storages, storages + tree->n_nodes, n, compare_numbers, NULL);
  for (uint64_t i = 1; i < n; i++) losses[SHARED_STORAGE] += storages[i] == storages[i - 1];
  mem_free(storages);
  return CANON_OK;
}

/* A list, dict or set whose origin was in the tree before, the outermost one of its kind. */
struct sharing {
  uint8_t *seen; /* by origin */
  uint8_t inside[CANON_MAX_DEPTH + 1];
};

static void count_shared_container(struct sharing *sharing, const canon_node *node, uint64_t origin, uint32_t depth,
                                   uint64_t losses[LOSSES]) {
  int is_inside = depth > 1 && sharing->inside[depth - 2];
  losses[SHARED_CONTAINER] += node->kind != CANON_NODE_TUPLE && sharing->seen[origin] && !is_inside;
  sharing->inside[depth - 1] = sharing->seen[origin] || is_inside;
  sharing->seen[origin] = 1;
}

static void copy_arranged(const struct arrangement *a, struct sharing *sharing, struct tree *to,
                          uint64_t losses[LOSSES]) {
  const struct tree *from = a->tree;
  uint64_t parents[CANON_MAX_DEPTH + 1], i, place;
  struct walk walk;
  walk_start(&walk, a, 0);
  while (walk_next(&walk, &i, &place)) {
    canon_node node = clean(&from->nodes[i], losses);
    uint32_t is_container = (uint32_t)tree_is_container(&node), depth = walk.depth - is_container;
    uint64_t pushed = tree_push(to, &node, depth ? parents[depth - 1] : CANON_NONE, from->origin[i], place);
    uint32_t around = depth ? from->nodes[from->nodes[i].parent].kind : 0;
    losses[RENUMBERED] += (around == CANON_NODE_LIST || around == CANON_NODE_TUPLE) && place != from->place[i];
    if (!is_container) continue;
    parents[depth] = pushed;
    count_shared_container(sharing, &node, from->origin[i], walk.depth, losses);
  }
  tree_finish(to);
  to->manifest.producer = NULL;
  to->manifest.details = NULL;
  to->manifest.n_details = 0;
}

int32_t tree_canonical(canon_job *job, const struct tree *tree, int keep_order, struct tree **canonical) {
  uint64_t losses[LOSSES] = {0};
  struct arrangement arrangement;
  struct sharing sharing = {.seen = NULL};
  *canonical = NULL;
  int32_t code = arrange(job, tree, keep_order, &arrangement);
  if (code) return code;
  struct tree *to = tree_new(job, &tree->manifest, tree->n_nodes, tree->n_origins);
  sharing.seen = model_array(tree->n_origins, 1);
  code = !to ? canon_failed(job) : !sharing.seen ? model_no_memory(job) : count_shared_storage(job, tree, losses);
  if (!code) {
    copy_arranged(&arrangement, &sharing, to, losses);
    for (int i = 0; i < LOSSES; i++)
      if (losses[i]) job->host->count(job, loss_names[i], losses[i]);
    *canonical = to;
  } else {
    tree_free(to);
  }
  mem_free(sharing.seen);
  arrangement_free(&arrangement);
  return code;
}
