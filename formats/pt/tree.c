/* SPDX-License-Identifier: MIT
 * tree.c: walks the values of the pickle and lays the manifest's nodes down in preorder. A value met again becomes a
 * ref to its first node, so that the tree is never larger than the pickle, whatever shares what; and the walk keeps its
 * own stack, so that depth costs memory and no more. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "formats/pt/pt.h"

/* A dict's key as nodes hold it. */
typedef struct tree_key {
  uint32_t kind;
  const void *data;
  uint64_t size;
} tree_key;

/* A container whose children are being laid down. */
typedef struct frame {
  pickle_value **children;
  uint64_t n, next, stride; /* stride 2: key, value */
  uint64_t node;
  tree_key *keys; /* one a child, NULL without keys */
} frame;

typedef struct walk {
  canon_job *job;
  pt_reader *reader;
  frame *frames;
  uint64_t depth, capacity;
} walk;

static void set_leaf(canon_node *node, uint32_t kind, const void *data, uint64_t size) {
  node->kind = kind;
  node->data = data;
  node->data_size = size;
}

static int32_t describe_global(canon_job *job, const pickle_value *value, pt_item *item) {
  const pt_class *class = pt_global(value);
  if (class && class->detail & PT_IS_DTYPE) return pt_opaque(job, item, "torch.dtype", value->as.global->text);
  return pt_opaque(job, item, value->as.global->text, "a name");
}

int32_t pt_describe(canon_job *job, pt_reader *reader, pickle_value *value, pt_item *item) {
  static const uint32_t KINDS[] = {
      [PICKLE_NONE] = CANON_NODE_NONE,    [PICKLE_BOOL] = CANON_NODE_BOOL,       [PICKLE_INT] = CANON_NODE_INT,
      [PICKLE_LONG] = CANON_NODE_INT,     [PICKLE_FLOAT] = CANON_NODE_FLOAT,     [PICKLE_STR] = CANON_NODE_STR,
      [PICKLE_BYTES] = CANON_NODE_BYTES,  [PICKLE_BYTEARRAY] = CANON_NODE_BYTES, [PICKLE_LIST] = CANON_NODE_LIST,
      [PICKLE_TUPLE] = CANON_NODE_TUPLE,  [PICKLE_DICT] = CANON_NODE_DICT,       [PICKLE_SET] = CANON_NODE_SET,
      [PICKLE_FROZENSET] = CANON_NODE_SET};
  const pt_class *class = pt_class_of(pickle_called(value));
  item->node.storage = item->node.offset = CANON_NONE;
  switch (value->kind) {
    case PICKLE_NONE: item->node.kind = CANON_NODE_NONE; return CANON_OK;
    case PICKLE_BOOL:
    case PICKLE_INT:
    case PICKLE_FLOAT:
      set_leaf(&item->node, KINDS[value->kind], value->as.number.bytes, value->as.number.size);
      return CANON_OK;
    case PICKLE_LONG:
    case PICKLE_STR:
    case PICKLE_BYTES:
    case PICKLE_BYTEARRAY:
      set_leaf(&item->node, KINDS[value->kind], value->as.text.bytes, value->as.text.size);
      if (value->kind == PICKLE_BYTEARRAY) item->node.flags |= CANON_NODE_MUTABLE;
      return CANON_OK;
    case PICKLE_GLOBAL: return describe_global(job, value, item);
    case PICKLE_PERSISTENT: return pt_describe_storage(job, reader, value, item);
    case PICKLE_OBJECT:
      if (value->as.call->meaning) {
        *item = *(const pt_item *)value->as.call->meaning;
        return CANON_OK;
      }
      if (class && class->describe) return class->describe(job, reader, value, item);
      return pt_opaque(job, item, value->as.call->callable->as.global->text, NULL);
    default: /* containers */
      item->node.kind = KINDS[value->kind];
      item->children = value->as.items.at;
      item->n_children = value->as.items.n;
      if (value->kind == PICKLE_SET) item->node.flags |= CANON_NODE_MUTABLE;
      return CANON_OK;
  }
}

/* kind 0: a key that no node can hold. */
static int32_t read_key(canon_job *job, pt_reader *reader, pickle_value *value, tree_key *key) {
  int is_bytes;
  int32_t code = pt_lower_bytes(job, reader, value, &is_bytes);
  if (code) return code;
  *key = (tree_key){0};
  switch (value->kind) {
    case PICKLE_NONE: key->kind = CANON_KEY_NONE; return CANON_OK;
    case PICKLE_BOOL:
    case PICKLE_INT:
    case PICKLE_FLOAT:
      key->kind = value->kind == PICKLE_BOOL  ? CANON_KEY_BOOL
                  : value->kind == PICKLE_INT ? CANON_KEY_INT
                                              : CANON_KEY_FLOAT;
      key->data = value->as.number.bytes;
      key->size = value->as.number.size;
      return CANON_OK;
    case PICKLE_LONG:
    case PICKLE_STR:
    case PICKLE_BYTES:
      key->kind = value->kind == PICKLE_STR    ? CANON_KEY_STR
                  : value->kind == PICKLE_LONG ? CANON_KEY_INT
                                               : CANON_KEY_BYTES;
      key->data = value->as.text.bytes;
      key->size = value->as.text.size;
      return CANON_OK;
    case PICKLE_TUPLE: {
      const char *text;
      code = pt_print(job, reader, value, &text, &key->size);
      if (code || !text) return code;
      key->kind = CANON_KEY_TUPLE;
      key->data = text;
      return CANON_OK;
    }
    default: return CANON_OK;
  }
}

/* Whole numbers that are equal are one key in Python, whatever their type: 1, 1.0 and True. */
static int key_integer(const tree_key *key, int64_t *integer) {
  pickle_value value = {.kind = PICKLE_INT};
  double real;
  if (key->kind == CANON_KEY_BOOL) return *integer = *(const uint8_t *)key->data, 1;
  if (key->kind == CANON_KEY_INT && key->size <= 8) {
    memcpy(value.as.number.bytes, key->data, key->size);
    value.as.number.size = (uint32_t)key->size;
    return pickle_to_i64(&value, integer);
  }
  if (key->kind != CANON_KEY_FLOAT) return 0;
  memcpy(&real, key->data, sizeof real);
  if (!(real > -0x1p53 && real < 0x1p53) || (double)(int64_t)real != real) return 0;
  *integer = (int64_t)real;
  return 1;
}

static int compare_keys(const void *left, const void *right) {
  const tree_key *a = *(const tree_key *const *)left, *b = *(const tree_key *const *)right;
  int64_t x = 0, y = 0;
  int a_is_integer = key_integer(a, &x), b_is_integer = key_integer(b, &y);
  if (a_is_integer != b_is_integer) return a_is_integer - b_is_integer;
  if (a_is_integer) return x < y ? -1 : x > y;
  if (a->kind != b->kind) return a->kind < b->kind ? -1 : 1;
  int order = a->size && b->size ? memcmp(a->data, b->data, a->size < b->size ? a->size : b->size) : 0;
  return order ? order : a->size < b->size ? -1 : a->size > b->size;
}

static int32_t check_duplicates(canon_job *job, const pt_reader *reader, const pickle_value *dict, const tree_key *keys,
                                uint64_t n) {
  const tree_key **sorted = canon_alloc(job, (n + 1) * sizeof *sorted);
  int32_t code = CANON_OK;
  if (!sorted) return canon_failed(job);
  for (uint64_t i = 0; i < n; i++) sorted[i] = &keys[i];
  qsort(sorted, n, sizeof *sorted, compare_keys);
  for (uint64_t i = 1; i < n && !code; i++)
    if (compare_keys(&sorted[i - 1], &sorted[i]) == 0)
      code = pickle_fail(job, &reader->pickle, CANON_E_MALFORMED, dict->position,
                         "a dict has one key twice: its entries %" PRIu64 " and %" PRIu64,
                         (uint64_t)(sorted[i - 1] - keys), (uint64_t)(sorted[i] - keys));
  canon_free(job, sorted);
  return code;
}

/* The keys of a dict; *keys NULL and an opaque item where one of them is nothing that a node can hold. */
static int32_t read_keys(canon_job *job, pt_reader *reader, const pickle_value *dict, pt_item *item, tree_key **keys) {
  uint64_t n = item->n_children / 2;
  *keys = canon_alloc(job, (n + 1) * sizeof **keys);
  if (!*keys) return canon_failed(job);
  int32_t code = CANON_OK;
  for (uint64_t i = 0; i < n && !code; i++) {
    code = read_key(job, reader, item->children[2 * i], &(*keys)[i]);
    if (code || (*keys)[i].kind) continue;
    canon_free(job, *keys);
    *keys = NULL;
    return pt_opaque(job, item, item->node.type ? item->node.type : "dict", "a key is neither text nor number");
  }
  if (!code) code = check_duplicates(job, reader, dict, *keys, n);
  if (!code) return CANON_OK;
  canon_free(job, *keys);
  *keys = NULL;
  return code;
}

/* Doubles *array until one more fits. 0: no memory. */
static int make_room(canon_job *job, void **array, uint64_t *capacity, uint64_t used, uint64_t element) {
  if (used < *capacity) return 1;
  uint64_t wanted = *capacity ? *capacity * 2 : 32;
  void *larger = canon_resize(job, *array, wanted * element);
  if (!larger) return 0;
  *array = larger;
  *capacity = wanted;
  return 1;
}

static int32_t add_node(canon_job *job, pt_reader *reader, const canon_node *node) {
  void *array = reader->nodes;
  if (!make_room(job, &array, &reader->nodes_capacity, reader->n_nodes, sizeof *node)) return canon_failed(job);
  reader->nodes = array;
  reader->nodes[reader->n_nodes++] = *node;
  return CANON_OK;
}

static int32_t add_tensor(canon_job *job, pt_reader *reader, pt_tensor *tensor) {
  void *array = reader->tensors;
  if (!make_room(job, &array, &reader->tensors_capacity, reader->n_tensors, sizeof tensor)) return canon_failed(job);
  reader->tensors = array;
  tensor->node = reader->n_nodes - 1;
  reader->tensors[reader->n_tensors++] = tensor;
  return CANON_OK;
}

static int32_t push_frame(walk *w, const pt_item *item, tree_key *keys) {
  void *array = w->frames;
  if (w->depth == CANON_MAX_DEPTH)
    return canon_fail(w->job, CANON_E_LIMIT, CANON_NONE, "more than %d containers within each other", CANON_MAX_DEPTH);
  if (!make_room(w->job, &array, &w->capacity, w->depth, sizeof *w->frames)) return canon_failed(w->job);
  w->frames = array;
  w->frames[w->depth++] = (frame){.children = item->children,
                                  .n = item->n_children,
                                  .stride = keys ? 2 : 1,
                                  .node = w->reader->n_nodes - 1,
                                  .keys = keys};
  return CANON_OK;
}

/* Does meeting this node's value again mean the same object, or is it only an equal leaf? */
static int is_shared_by_reference(const canon_node *node) {
  switch (node->kind) {
    case CANON_NODE_TENSOR:
    case CANON_NODE_DICT:
    case CANON_NODE_LIST:
    case CANON_NODE_TUPLE:
    case CANON_NODE_SET:
    case CANON_NODE_OPAQUE: return 1;
    case CANON_NODE_BYTES: return (node->flags & CANON_NODE_MUTABLE) != 0;
    default: return 0;
  }
}

/* A tensor that a later sparse one names as its indices must be the same tensor then: that one gets the bounds. */
static int32_t keep_meaning(walk *w, const pickle_value *value, const pt_item *item) {
  if (!item->tensor || value->kind != PICKLE_OBJECT || value->as.call->meaning) return CANON_OK;
  pt_item *kept = arena_alloc(w->job, &w->reader->pickle.memory, sizeof *kept);
  if (!kept) return canon_failed(w->job);
  *kept = *item;
  value->as.call->meaning = kept;
  return CANON_OK;
}

/* Lays down the node of a value. key: NULL in a sequence and for the root. */
static int32_t lay_down(walk *w, pickle_value *value, uint64_t parent, uint32_t key_kind, const tree_key *key) {
  pt_item item = {0};
  tree_key *keys = NULL;
  int32_t code = CANON_OK;
  if (value->node) {
    item.node =
        (canon_node){.kind = CANON_NODE_REF, .target = value->node - 1, .storage = CANON_NONE, .offset = CANON_NONE};
  } else {
    code = pt_describe(w->job, w->reader, value, &item);
    if (!code) code = keep_meaning(w, value, &item);
    if (!code && item.node.kind == CANON_NODE_DICT) code = read_keys(w->job, w->reader, value, &item, &keys);
  }
  item.node.parent = parent;
  item.node.key_kind = key_kind;
  if (key) {
    item.node.key = key->data;
    item.node.key_size = key->size;
  }
  if (!code && w->reader->n_nodes == UINT32_MAX)
    code = canon_fail(w->job, CANON_E_LIMIT, CANON_NONE, "more than %" PRIu32 " values", UINT32_MAX);
  if (!code) code = add_node(w->job, w->reader, &item.node);
  if (!code && is_shared_by_reference(&item.node)) value->node = (uint32_t)w->reader->n_nodes;
  if (!code && item.tensor) code = add_tensor(w->job, w->reader, item.tensor);
  if (!code && item.n_children && item.node.kind != CANON_NODE_OPAQUE) {
    code = push_frame(w, &item, keys);
    if (!code) return CANON_OK;
  }
  canon_free(w->job, keys);
  return code;
}

static int32_t step(walk *w) {
  frame *in = &w->frames[w->depth - 1];
  if (in->next == in->n) {
    canon_free(w->job, in->keys);
    w->depth--;
    return CANON_OK;
  }
  pickle_value *child = in->children[in->next + in->stride - 1];
  const tree_key *key = in->keys ? &in->keys[in->next / 2] : NULL;
  in->next += in->stride;
  return lay_down(w, child, in->node, key ? key->kind : CANON_KEY_INDEX, key);
}

int32_t pt_tree_build(canon_job *job, pt_reader *reader) {
  walk w = {.job = job, .reader = reader};
  int32_t code = lay_down(&w, reader->pickle.root, CANON_NONE, CANON_KEY_NONE_AT_ROOT, NULL);
  if (!code && reader->nodes[0].kind == CANON_NODE_OPAQUE)
    code = canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE,
                      "the file holds one object of %.200s, which canon does not interpret; save its data instead, "
                      "such as its state_dict()",
                      reader->nodes[0].type);
  while (!code && w.depth) code = step(&w);
  while (w.depth) canon_free(job, w.frames[--w.depth].keys);
  canon_free(job, w.frames);
  return code;
}
