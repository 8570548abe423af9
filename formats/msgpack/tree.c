/* SPDX-License-Identifier: MIT
 * tree.c: from tokens to nodes. The first pass counts them and finds what is no msgpack, so that the second one fills a
 * table of the right size. Several objects in a row become a list. */
#include <string.h>

#include "formats/msgpack/msgpack.h"

typedef struct frame {
  uint64_t node;
  uint64_t last;   /* child so far, or CANON_NONE */
  uint64_t offset; /* of the container */
} frame;

typedef struct builder {
  canon_job *job;
  msgpack_reader *reader;
  msgpack_walk walk;
  frame frames[CANON_MAX_DEPTH];
  uint32_t depth;
  uint32_t base;    /* 1: a list around the objects, which the walk does not see */
  uint64_t *before; /* the sibling before each node, or CANON_NONE */
  msgpack_key key;
} builder;

static int32_t count_nodes(builder *b);
static int32_t take_value(builder *b, const msgpack_token *token);
static int32_t close_frames(builder *b, uint32_t depth);
static int32_t add_node(builder *b, canon_node *node, uint64_t offset);

static int32_t take_tokens(builder *b) {
  for (;;) {
    msgpack_token token;
    int32_t code = msgpack_walk_next(&b->walk, &token);
    if (!code) code = close_frames(b, b->walk.around + b->base);
    if (code || token.kind == TOKEN_END) return code ? code : close_frames(b, 0);
    if (!b->walk.is_key) {
      code = take_value(b, &token);
    } else {
      code = msgpack_key_read(b->walk.window, &b->reader->memory, &token, &b->key);
      if (token.kind == TOKEN_ARRAY) msgpack_walk_leave(&b->walk);
    }
    if (code) return code;
  }
}

static int32_t build(builder *b) {
  int32_t code = count_nodes(b);
  if (code) return code;
  b->base = b->reader->objects > 1;
  if (b->base) {
    canon_node list = {.kind = CANON_NODE_LIST};
    code = add_node(b, &list, 0);
  }
  b->walk = (msgpack_walk){.window = b->walk.window};
  b->walk.window->at = 0;
  return code ? code : take_tokens(b);
}

int32_t msgpack_tree_build(canon_job *job, msgpack_reader *reader, msgpack_window *window) {
  builder *b = canon_alloc(job, sizeof *b);
  if (!b) return canon_failed(job);
  b->job = job;
  b->reader = reader;
  b->walk.window = window;
  int32_t code = build(b);
  canon_free(job, b->before);
  canon_free(job, b);
  return code;
}

/* Every value is a node at most. */
static int32_t count_nodes(builder *b) {
  msgpack_reader *reader = b->reader;
  msgpack_token token, last = {.kind = TOKEN_END};
  uint64_t values = 0, window_end = b->walk.window->end;
  if (!window_end) return canon_fail(b->job, CANON_E_MALFORMED, 0, "the file is empty; get it again");
  do {
    int32_t code = msgpack_walk_next(&b->walk, &token);
    if (code) return code;
    values += !b->walk.is_key;
    if (token.kind != TOKEN_END && !b->walk.around) last = token;
  } while (token.kind != TOKEN_END);
  reader->objects = b->walk.objects;
  /* Any byte of text or padding would pass for an integer. */
  if (reader->objects > 1 && last.is_small)
    return canon_fail(b->job, CANON_E_MALFORMED, last.offset,
                      "%" PRIu64
                      " objects in a row, the last of which is a single byte as of text or padding; cut off what is "
                      "behind the last object",
                      reader->objects);
  reader->node_capacity = values + 1;
  reader->nodes = canon_alloc(b->job, reader->node_capacity * sizeof *reader->nodes);
  b->before = canon_alloc(b->job, reader->node_capacity * sizeof *b->before);
  return reader->nodes && b->before ? CANON_OK : canon_failed(b->job);
}

/* Gives the node its place, and is it a container, what comes goes into it. */
static int32_t add_node(builder *b, canon_node *node, uint64_t offset) {
  msgpack_reader *reader = b->reader;
  uint64_t i = reader->n_nodes;
  frame *parent = b->depth ? &b->frames[b->depth - 1] : NULL;
  if (i == reader->node_capacity)
    return canon_fail(b->job, CANON_E_IO, offset, "the file changed while it was read; leave it alone and try again");
  node->parent = parent ? parent->node : CANON_NONE;
  node->target = CANON_NONE;
  node->storage = CANON_NONE;
  node->attribute_size = sizeof(canon_attribute);
  if (node->kind != CANON_NODE_TENSOR) node->offset = CANON_NONE;
  if (parent && reader->nodes[parent->node].kind == CANON_NODE_DICT) {
    node->key_kind = b->key.kind;
    node->key = b->key.data;
    node->key_size = b->key.size;
  } else {
    node->key_kind = parent ? CANON_KEY_INDEX : CANON_KEY_NONE_AT_ROOT;
  }
  b->before[i] = parent ? parent->last : CANON_NONE;
  if (parent) parent->last = i;
  reader->nodes[reader->n_nodes++] = *node;
  if (node->kind != CANON_NODE_DICT && node->kind != CANON_NODE_LIST) return CANON_OK;
  if (b->depth == CANON_MAX_DEPTH)
    return canon_fail(b->job, CANON_E_LIMIT, offset, "more than %d containers within each other", CANON_MAX_DEPTH);
  b->frames[b->depth++] = (frame){i, CANON_NONE, offset};
  return CANON_OK;
}

static int32_t close_frames(builder *b, uint32_t depth) {
  int32_t code = CANON_OK;
  for (; !code && b->depth > depth; b->depth--) {
    const frame *done = &b->frames[b->depth - 1];
    if (b->reader->nodes[done->node].kind == CANON_NODE_DICT)
      code = msgpack_keys_check(b->job, b->reader->nodes, b->before, done->last, done->offset);
  }
  return code;
}

static int32_t add_tensor(builder *b, const msgpack_item *item) {
  msgpack_reader *reader = b->reader;
  if (reader->n_tensors == reader->tensor_capacity) {
    uint64_t wanted = reader->tensor_capacity ? 2 * reader->tensor_capacity : 16;
    void *larger = canon_resize(b->job, reader->tensors, wanted * sizeof *reader->tensors);
    if (!larger) return canon_failed(b->job);
    reader->tensors = larger;
    reader->tensor_capacity = wanted;
  }
  const msgpack_piece *pieces = item->pieces;
  if (!pieces) {
    msgpack_piece *whole = arena_alloc(b->job, &reader->memory, sizeof *whole);
    if (!whole) return canon_failed(b->job);
    whole->offset = item->offset;
    pieces = whole;
  }
  reader->tensors[reader->n_tensors++] = (msgpack_tensor){.node = reader->n_nodes,
                                                          .dtype = item->dtype,
                                                          .big_endian = item->big_endian,
                                                          .elements = item->elements,
                                                          .pieces = pieces,
                                                          .n_pieces = item->pieces ? item->n_pieces : 1};
  return CANON_OK;
}

static int32_t describe_tensor(builder *b, const msgpack_item *item, canon_node *node) {
  uint64_t *shape = arena_alloc(b->job, &b->reader->memory, (item->rank + 1) * sizeof *shape);
  if (!shape) return canon_failed(b->job);
  memcpy(shape, item->shape, item->rank * sizeof *shape);
  node->flags = CANON_NODE_NUMPY;
  node->dtype = item->dtype;
  node->rank = item->rank;
  node->shape = shape;
  node->storage_bytes = item->bytes;
  node->offset = item->n_pieces > 1 ? CANON_NONE : item->pieces ? item->pieces->offset : item->offset;
  return add_tensor(b, item);
}

static int32_t describe_complex(builder *b, const msgpack_item *item, canon_node *node) {
  uint8_t *bytes = arena_alloc(b->job, &b->reader->memory, 16);
  if (!bytes) return canon_failed(b->job);
  for (int part = 0; part < 2; part++) {
    uint64_t bits;
    memcpy(&bits, &item->complex[part], sizeof bits);
    canon_store_le64(bytes + 8 * part, bits);
  }
  node->data = bytes;
  node->data_size = 16;
  return CANON_OK;
}

static int32_t add_item(builder *b, const msgpack_item *item, uint64_t offset) {
  canon_node node = {.kind = item->kind};
  int32_t code = CANON_OK;
  if (item->kind == CANON_NODE_TENSOR) {
    code = describe_tensor(b, item, &node);
  } else if (item->kind == CANON_NODE_COMPLEX) {
    code = describe_complex(b, item, &node);
  } else {
    node.type = item->type;
    node.data = item->text;
    node.data_size = strlen(item->text);
  }
  return code ? code : add_node(b, &node, offset);
}

static int32_t take_map(builder *b, const msgpack_token *token) {
  msgpack_window *window = b->walk.window;
  msgpack_item item = {.kind = 0};
  canon_node dict = {.kind = CANON_NODE_DICT};
  int32_t code = msgpack_numpy_read(window, token, &item);
  if (code) return code;
  b->reader->of_numpy += item.kind != 0;
  if (!item.kind) {
    item = (msgpack_item){.kind = 0};
    code = msgpack_chunks_read(window, &b->reader->memory, token, &item);
    if (code) return code;
    b->reader->of_flax += item.kind != 0;
  }
  if (!item.kind) return add_node(b, &dict, token->offset);
  msgpack_walk_leave(&b->walk);
  return add_item(b, &item, token->offset);
}

static int32_t take_ext(builder *b, const msgpack_token *token) {
  msgpack_item item = {.kind = 0};
  int32_t code = msgpack_ext_read(b->walk.window, &b->reader->memory, token, &item);
  if (code) return code;
  b->reader->of_flax += item.kind != CANON_NODE_OPAQUE;
  return add_item(b, &item, token->offset);
}

static int32_t take_value(builder *b, const msgpack_token *token) {
  canon_node node = {.kind = CANON_NODE_LIST};
  if (token->kind == TOKEN_MAP) return take_map(b, token);
  if (token->kind == TOKEN_EXT) return take_ext(b, token);
  if (token->kind == TOKEN_ARRAY) return add_node(b, &node, token->offset);
  int32_t code = msgpack_leaf_read(b->walk.window, &b->reader->memory, token, &node);
  return code ? code : add_node(b, &node, token->offset);
}
