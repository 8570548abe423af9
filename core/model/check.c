/* SPDX-License-Identifier: MIT
 * check.c: a plugin may lie. Nothing of a reader's manifest is used before it has passed here: one pass in preorder,
 * with a stack of the containers that are open. */
#include <inttypes.h>
#include <stddef.h>

#include "core/base/integer.h"
#include "core/base/utf8.h"
#include "core/host/job.h"
#include "core/model/model.h"

enum {
  NODE_BYTES_LEAST = offsetof(canon_node, dtype),
  KNOWN_FLAGS = CANON_NODE_ORDERED | CANON_NODE_PARAMETER | CANON_NODE_REQUIRES_GRAD | CANON_NODE_NUMPY |
                CANON_NODE_MUTABLE | CANON_NODE_VOLATILE,
};

struct checker {
  canon_job *job;
  const canon_manifest *raw;
  struct raw_fact *facts;
  uint64_t bytes; /* of all keys and values, as they stand */
  uint32_t depth;
  struct {
    uint64_t node, children;
  } open[CANON_MAX_DEPTH];
};

static int32_t broken(canon_job *job, uint64_t node, const char *what) {
  return canon_fail(job, CANON_E_PLUGIN, CANON_NONE,
                    "plugin %s gave a manifest that cannot be, node %" PRIu64 ": %s; report it to its author",
                    job_plugin_called(job_of(job)), node, what);
}

static int32_t broken_manifest(canon_job *job, const char *what) {
  return canon_fail(job, CANON_E_PLUGIN, CANON_NONE, "plugin %s gave a manifest that %s; report it to its author",
                    job_plugin_called(job_of(job)), what);
}

/* Why a value of a CANON_NODE_* kind is not laid out as format.h says; NULL: it is. */
static const char *value_problem(uint32_t kind, const void *data, uint64_t size) {
  const uint8_t *bytes = data;
  if (size && !data) return "is NULL but has a size";
  if (size > PTRDIFF_MAX) return "is larger than memory";
  switch (kind) {
    case CANON_NODE_BOOL: return size == 1 && bytes[0] <= 1 ? NULL : "is no bool of one byte, 0 or 1";
    case CANON_NODE_INT: return size && integer_shortest(data, size) == size ? NULL : "is no int in its shortest form";
    case CANON_NODE_FLOAT: return size == 8 ? NULL : "is no float of 8 bytes";
    case CANON_NODE_COMPLEX: return size == 16 ? NULL : "is no complex of 16 bytes";
    case CANON_NODE_STR:
    case CANON_NODE_OPAQUE: return utf8_valid(data, size) ? NULL : "is not UTF-8";
    default: return NULL;
  }
}

static int32_t check_key(const struct checker *c, uint64_t i, const canon_node *node, uint32_t parent_kind) {
  static const uint32_t value_kinds[] = {
      [CANON_KEY_STR] = CANON_NODE_STR,   [CANON_KEY_BYTES] = CANON_NODE_BYTES, [CANON_KEY_INT] = CANON_NODE_INT,
      [CANON_KEY_BOOL] = CANON_NODE_BOOL, [CANON_KEY_NONE] = CANON_NODE_NONE,   [CANON_KEY_FLOAT] = CANON_NODE_FLOAT,
      [CANON_KEY_TUPLE] = CANON_NODE_STR,
  };
  uint32_t kind = node->key_kind;
  if (parent_kind != CANON_NODE_DICT)
    return kind == CANON_KEY_INDEX ? CANON_OK
                                   : broken(c->job, i, "an item of a list, tuple or set is not CANON_KEY_INDEX");
  if (kind < CANON_KEY_STR || kind > CANON_KEY_TUPLE) return broken(c->job, i, "an entry of a dict has no key");
  const char *problem = value_problem(value_kinds[kind], node->key, node->key_size);
  if (problem) {
    char what[64];
    snprintf(what, sizeof what, "its key %s", problem);
    return broken(c->job, i, what);
  }
  return CANON_OK;
}

static int32_t check_tensor(const struct checker *c, uint64_t i, const canon_node *node) {
  uint64_t elements, bytes;
  uint32_t size = canon_dtype_size(node->dtype);
  if (size == 0) return broken(c->job, i, "its dtype is none");
  if (node->rank > CANON_MAX_RANK) return broken(c->job, i, "its rank is over CANON_MAX_RANK");
  if (node->rank && !node->shape) return broken(c->job, i, "its shape is NULL");
  if (!canon_elements(node->shape, node->rank, &elements) || !canon_mul(elements, size, &bytes) || bytes > INT64_MAX)
    return broken(c->job, i, "its shape times its dtype is more than 2^63 bytes");
  return CANON_OK;
}

static const char *attribute_problem(const canon_node *node) {
  if (node->n_attributes && (!node->attributes || node->attribute_size < sizeof(canon_attribute)))
    return "its attributes are NULL or too short";
  for (uint64_t i = 0; i < node->n_attributes; i++) {
    canon_attribute attribute;
    memcpy(&attribute, (const char *)node->attributes + i * node->attribute_size, sizeof attribute);
    if (!attribute.name || !attribute.text) return "an attribute has no name or text";
  }
  return NULL;
}

static int32_t check_content(const struct checker *c, uint64_t i, const canon_node *node) {
  if (node->kind < CANON_NODE_TENSOR || node->kind > CANON_NODE_OPAQUE) return broken(c->job, i, "its kind is none");
  if (node->flags & ~(uint32_t)KNOWN_FLAGS) return broken(c->job, i, "it has a flag that this version does not know");
  const char *problem = attribute_problem(node);
  if (problem) return broken(c->job, i, problem);
  if (node->kind == CANON_NODE_TENSOR) return check_tensor(c, i, node);
  if (tree_is_container(node) || node->kind == CANON_NODE_REF) return CANON_OK;
  if (node->kind == CANON_NODE_OPAQUE && (!node->type || !utf8_valid(node->type, strlen(node->type))))
    return broken(c->job, i, "its type is NULL or not UTF-8");
  problem = value_problem(node->kind, node->data, node->data_size);
  if (!problem) return CANON_OK;
  char what[64];
  snprintf(what, sizeof what, "its data %s", problem);
  return broken(c->job, i, what);
}

/* Sums that stop at the top. */
static void add_to(uint64_t *sum, uint64_t n) {
  if (!canon_add(*sum, n, sum)) *sum = UINT64_MAX;
}

static void add_to_parent(struct checker *c, uint64_t i) {
  if (c->depth == 0) return;
  struct raw_fact *parent = &c->facts[c->open[c->depth - 1].node], *fact = &c->facts[i];
  add_to(&parent->nodes, fact->nodes);
  add_to(&parent->bytes, fact->bytes);
  if (parent->height < fact->height + 1) parent->height = fact->height + 1;
}

static void close_container(struct checker *c, uint64_t end) {
  uint64_t node = c->open[--c->depth].node;
  c->facts[node].end = end;
  add_to_parent(c, node);
}

static int32_t contains_itself(const struct checker *c, uint64_t container) {
  struct text text = {0}, path = {0};
  path_text(&path, c->raw, &c->facts->place, sizeof *c->facts, container);
  text_printf(&text, "the %s at ", canon_kind_name(model_raw_node(c->raw, container).kind));
  quoted_text(&text, path.bytes, path.size);
  text_string(&text, " contains itself, which no tree can hold");
  text.failed |= path.failed;
  text_free(&path);
  return model_fail(c->job, CANON_E_UNSUPPORTED, &text);
}

/* The containers still open are those that node i lies in: to mean one of them is to contain oneself. */
static int32_t check_ref(struct checker *c, uint64_t i, const canon_node *node) {
  struct raw_fact *fact = &c->facts[i];
  if (node->target >= i) return broken(c->job, i, "a REF's target is not an earlier node");
  fact->meaning = c->facts[node->target].meaning;
  const struct raw_fact *meant = &c->facts[fact->meaning];
  canon_node target = model_raw_node(c->raw, fact->meaning);
  if (tree_is_container(&target) && meant->end == 0) return contains_itself(c, fact->meaning);
  fact->nodes = meant->nodes;
  fact->height = meant->height;
  add_to(&fact->bytes, meant->bytes);
  return CANON_OK;
}

/* Closes what ended before node i, so that its container is the last one open. */
static int32_t enter(struct checker *c, uint64_t i, const canon_node *node) {
  if (i == 0) {
    if (node->parent != CANON_NONE || node->key_kind != CANON_KEY_NONE_AT_ROOT || node->kind == CANON_NODE_REF)
      return broken(c->job, i, "the root has a parent or a key, or is a REF");
    return CANON_OK;
  }
  while (c->depth && c->open[c->depth - 1].node != node->parent) close_container(c, i);
  if (c->depth == 0)
    return broken(
        c->job, i,
        node->parent == CANON_NONE ? "it is a second root" : "its parent is no container around it (preorder)");
  c->facts[i].place = c->open[c->depth - 1].children++;
  return check_key(c, i, node, model_raw_node(c->raw, node->parent).kind);
}

static int32_t check_node(struct checker *c, uint64_t i) {
  canon_node node = model_raw_node(c->raw, i);
  int32_t code = enter(c, i, &node);
  if (!code) code = check_content(c, i, &node);
  if (code) return code;
  c->facts[i].meaning = i;
  c->facts[i].nodes = 1;
  if (!canon_add(node.key_size, node.data_size, &c->facts[i].bytes)) c->facts[i].bytes = UINT64_MAX;
  add_to(&c->bytes, c->facts[i].bytes);
  if (tree_is_container(&node)) {
    if (c->depth == CANON_MAX_DEPTH)
      return canon_fail(c->job, CANON_E_LIMIT, CANON_NONE, "containers are nested more than %d deep", CANON_MAX_DEPTH);
    c->facts[i].height = 1;
    c->open[c->depth].node = i;
    c->open[c->depth++].children = 0;
    return CANON_OK;
  }
  c->facts[i].end = i + 1;
  if (node.kind == CANON_NODE_REF) code = check_ref(c, i, &node);
  if (!code) add_to_parent(c, i);
  return code;
}

int32_t raw_check_frame(canon_job *job, const canon_manifest *raw) {
  uint64_t bytes;
  if (raw->n_nodes == 0 || !raw->nodes) return broken_manifest(job, "has no nodes");
  if (raw->node_size < NODE_BYTES_LEAST)
    return broken_manifest(job, "has a node_size that leaves out what every node has");
  if (!canon_mul(raw->n_nodes, raw->node_size, &bytes) || bytes > PTRDIFF_MAX)
    return broken_manifest(job, "is larger than memory");
  if (raw->reserved) return broken_manifest(job, "has a reserved member that is not 0");
  if (raw->n_details && (!raw->details || raw->detail_size < sizeof(canon_detail)))
    return broken_manifest(job, "has details that are NULL or too short");
  for (uint64_t i = 0; i < raw->n_details; i++) {
    canon_detail detail;
    memcpy(&detail, (const char *)raw->details + i * raw->detail_size, sizeof detail);
    if (!detail.name) return broken_manifest(job, "has a detail without a name");
  }
  return CANON_OK;
}

static int32_t check_expansion(const struct checker *c) {
  const struct raw_fact *root = &c->facts[0];
  uint64_t most_nodes = TREE_NODES, most_bytes = TREE_BYTES;
  for (int i = 0; i < (int)TREE_GROWTH; i++) {
    add_to(&most_nodes, c->raw->n_nodes);
    add_to(&most_bytes, c->bytes);
  }
  if (root->height > CANON_MAX_DEPTH)
    return canon_fail(c->job, CANON_E_LIMIT, CANON_NONE,
                      "with what they share, containers are nested %" PRIu64 " deep, more than %d", root->height,
                      CANON_MAX_DEPTH);
  if (root->nodes > most_nodes)
    return canon_fail(c->job, CANON_E_LIMIT, CANON_NONE,
                      "%" PRIu64 " nodes share so much that the tree has %s%" PRIu64 ", more than %" PRIu64,
                      c->raw->n_nodes, root->nodes == UINT64_MAX ? "over " : "", root->nodes, most_nodes);
  if (root->bytes > most_bytes)
    return canon_fail(c->job, CANON_E_LIMIT, CANON_NONE,
                      "%" PRIu64 " bytes of keys and values are shared so much that the tree has %s%" PRIu64
                      ", more than %" PRIu64,
                      c->bytes, root->bytes == UINT64_MAX ? "over " : "", root->bytes, most_bytes);
  return CANON_OK;
}

int32_t raw_check(canon_job *job, const canon_manifest *raw, struct raw_fact *facts) {
  struct checker c = {.job = job, .raw = raw, .facts = facts};
  int32_t code = CANON_OK;
  for (uint64_t i = 0; !code && i < raw->n_nodes; i++) code = check_node(&c, i);
  if (code) return code;
  while (c.depth) close_container(&c, raw->n_nodes);
  return check_expansion(&c);
}
