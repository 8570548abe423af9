/* SPDX-License-Identifier: MIT
 * text.c: a dict of the tree as the text of metadata.json or plan.json: four spaces a level, ASCII alone, floats as
 * short as they can be told apart, a newline at the end. What its own reader would refuse is refused here. No
 * recursion. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "formats/colbert/colbert.h"
#include "formats/common/bytes.h"

/* Where and how an index was built; none of it matters to who reads the index. Sorted. */
static const char *const RUN_KEYS[] = {"avoid_fork_if_possible",
                                       "experiment",
                                       "gpus",
                                       "index_name",
                                       "index_path",
                                       "index_root",
                                       "name",
                                       "nranks",
                                       "overwrite",
                                       "rank",
                                       "resume",
                                       "root"};

typedef struct text {
  canon_job *job;
  const colbert_text *asked;
  const char *member;
  uint64_t node; /* that is being written */
  char *bytes;
  uint64_t size, capacity;
  int32_t code; /* of the first failure */
} text;

static void append(text *t, const char *bytes, uint64_t size) {
  if (t->code) return;
  if (size > t->capacity - t->size) {
    uint64_t capacity = 2 * (t->capacity + size) + 1024;
    char *grown = canon_resize(t->job, t->bytes, capacity);
    if (!grown) {
      t->code = canon_failed(t->job);
      return;
    }
    t->bytes = grown;
    t->capacity = capacity;
  }
  memcpy(t->bytes + t->size, bytes, size);
  t->size += size;
}

static void append_text(text *t, const char *bytes) { append(t, bytes, strlen(bytes)); }

/* The node's key, or that of the container around it that has one. */
static void refuse(text *t, const char *what) {
  const canon_node *node = canon_manifest_node(t->asked->manifest, t->node);
  while (node->key_kind == CANON_KEY_INDEX) node = canon_manifest_node(t->asked->manifest, node->parent);
  int is_text = node->key_kind == CANON_KEY_STR;
  if (!t->code)
    t->code = canon_fail(t->job, CANON_E_UNSUPPORTED, CANON_NONE,
                         "%s would hold %s, at key '%.*s'; leave it out: --exclude PATH", t->member, what,
                         is_text ? (int)(node->key_size < 100 ? node->key_size : 100) : 1,
                         is_text ? (const char *)node->key : "?");
}

static void append_line(text *t, uint32_t depth) {
  append_text(t, "\n");
  for (uint32_t i = 0; i < depth; i++) append_text(t, "    ");
}

/* One character of UTF-8 that the host has checked; how many bytes it has. */
static uint32_t decode(const uint8_t *at, uint32_t *character) {
  static const uint8_t MASKS[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
  uint32_t n = at[0] < 0x80 ? 1 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
  *character = at[0] & MASKS[n];
  for (uint32_t i = 1; i < n; i++) *character = *character << 6 | (at[i] & 0x3f);
  return n;
}

static void append_escape(text *t, uint32_t unit) {
  char escape[16];
  snprintf(escape, sizeof escape, "\\u%04" PRIx32, unit);
  append(t, escape, 6);
}

static void append_character(text *t, uint32_t c) {
  static const char NAMED[] = "\"\"\\\\\bb\ff\nn\rr\tt";
  const char *named = c && c < 0x80 ? strchr(NAMED, (int)c) : NULL;
  if (named && (named - NAMED) % 2 == 0) {
    append_text(t, "\\");
    append(t, named + 1, 1);
  } else if (c >= 0x10000) {
    append_escape(t, 0xd800 + ((c - 0x10000) >> 10));
    append_escape(t, 0xdc00 + ((c - 0x10000) & 0x3ff));
  } else if (c >= 0xd800 && c < 0xe000) {
    refuse(t, "text with half of a surrogate pair, which is no Unicode");
  } else if (c < 0x20 || c >= 0x7f) {
    append_escape(t, c);
  } else {
    append(t, &(char){(char)c}, 1);
  }
}

static void append_string(text *t, const void *bytes, uint64_t size) {
  const uint8_t *at = bytes;
  append_text(t, "\"");
  for (uint64_t i = 0; i < size && !t->code;) {
    uint32_t character;
    i += decode(at + i, &character);
    append_character(t, character);
  }
  append_text(t, "\"");
}

static void append_integer(text *t, const canon_node *node) {
  uint8_t bytes[8];
  char number[24];
  if (node->data_size > 8) {
    refuse(t, "an integer over 64 bits");
    return;
  }
  memset(bytes, ((const uint8_t *)node->data)[node->data_size - 1] & 0x80 ? 0xff : 0, sizeof bytes);
  memcpy(bytes, node->data, node->data_size);
  snprintf(number, sizeof number, "%" PRId64, (int64_t)load_u64(bytes));
  append_text(t, number);
}

/* The fewest digits that give the number back; a point whatever the locale has for one. */
static void append_float(text *t, const canon_node *node) {
  uint64_t bits = load_u64(node->data);
  double value;
  char number[40], *to = number;
  memcpy(&value, &bits, sizeof value);
  if (!isfinite(value)) {
    refuse(t, "a NaN or an infinity, which JSON has not");
    return;
  }
  for (int digits = 1; digits <= 17; digits++) {
    snprintf(number, sizeof number, "%.*g", digits, value);
    if (strtod(number, NULL) == value) break;
  }
  int whole = 1;
  for (const char *from = number; *from; from++) {
    if (!strchr("0123456789+-e", *from)) {
      while (from[1] && !strchr("0123456789+-e", from[1])) from++;
      *to++ = '.';
      whole = 0;
    } else {
      if (*from == 'e') whole = 0;
      *to++ = *from;
    }
  }
  append(t, number, (uint64_t)(to - number));
  if (whole) append_text(t, ".0");
}

static void append_leaf(text *t, const canon_node *node) {
  switch (node->kind) {
    case CANON_NODE_NONE: append_text(t, "null"); return;
    case CANON_NODE_BOOL: append_text(t, *(const uint8_t *)node->data ? "true" : "false"); return;
    case CANON_NODE_INT: append_integer(t, node); return;
    case CANON_NODE_FLOAT: append_float(t, node); return;
    case CANON_NODE_STR: append_string(t, node->data, node->data_size); return;
    default: refuse(t, "a value that JSON has not (bytes, a complex number, a set, a tensor)"); return;
  }
}

static int is_key(const canon_node *node, const char *key) {
  return node->key_kind == CANON_KEY_STR && node->key_size == strlen(key) &&
         memcmp(node->key, key, node->key_size) == 0;
}

int colbert_tells_of_run(const canon_manifest *manifest, uint64_t i, uint64_t root) {
  const canon_node *node = canon_manifest_node(manifest, i), *parent = canon_manifest_node(manifest, node->parent);
  if (parent->parent != root || !is_key(parent, "config")) return 0;
  for (size_t k = 0; k < sizeof RUN_KEYS / sizeof *RUN_KEYS; k++)
    if (is_key(node, RUN_KEYS[k])) return 1;
  return 0;
}

static void append_key(text *t, const canon_node *node) {
  if (node->key_kind == CANON_KEY_INDEX) return;
  if (node->key_kind != CANON_KEY_STR || memchr(node->key, 0, node->key_size)) {
    refuse(t, "a key that is no text, or has a NUL in it");
    return;
  }
  append_string(t, node->key, node->key_size);
  append_text(t, ": ");
}

/* The containers that are open, from the outermost. */
typedef struct stack {
  struct {
    uint64_t node;
    int is_list, has_items;
  } at[COLBERT_JSON_DEPTH];
  uint32_t depth;
} stack;

static void open_container(text *t, stack *open, uint64_t i, const canon_node *node) {
  if (open->depth == COLBERT_JSON_DEPTH) {
    refuse(t, "more than 32 lists and dicts within each other");
    return;
  }
  int is_list = node->kind != CANON_NODE_DICT;
  append_text(t, is_list ? "[" : "{");
  open->at[open->depth].node = i;
  open->at[open->depth].is_list = is_list;
  open->at[open->depth++].has_items = 0;
}

static void close_container(text *t, stack *open) {
  open->depth--;
  if (open->at[open->depth].has_items) append_line(t, open->depth);
  append_text(t, open->at[open->depth].is_list ? "]" : "}");
}

static void append_item(text *t, stack *open, uint64_t i, const canon_node *node, uint64_t root) {
  t->node = i;
  while (open->depth > 1 && open->at[open->depth - 1].node != node->parent) close_container(t, open);
  if (open->at[open->depth - 1].has_items) append_text(t, ",");
  open->at[open->depth - 1].has_items = 1;
  append_line(t, open->depth);
  append_key(t, node);
  if (node->kind == CANON_NODE_DICT || node->kind == CANON_NODE_LIST || node->kind == CANON_NODE_TUPLE)
    open_container(t, open, i, node);
  else if (t->asked->one_chunk && node->parent == root && is_key(node, "num_chunks")) append_text(t, "1");
  else append_leaf(t, node);
}

static void append_tree(text *t, uint64_t root, uint64_t *dropped) {
  const canon_manifest *manifest = t->asked->manifest;
  stack open = {.depth = 0};
  uint64_t skipped = CANON_NONE;
  open_container(t, &open, root, canon_manifest_node(manifest, root));
  for (uint64_t i = root + 1; !t->code && i < manifest->n_nodes; i++) {
    const canon_node *node = canon_manifest_node(manifest, i);
    if (node->parent < root || node->parent == CANON_NONE) break;
    if (skipped != CANON_NONE && node->parent >= skipped) continue; /* below the one that was left out */
    skipped = t->asked->drop_run && colbert_tells_of_run(manifest, i, root) ? i : CANON_NONE;
    if (skipped == CANON_NONE) append_item(t, &open, i, node, root);
    else ++*dropped;
  }
  while (!t->code && open.depth) close_container(t, &open);
  append_text(t, "\n");
}

int32_t colbert_text_make(canon_job *job, const colbert_text *asked, uint64_t node, const char *member, char **bytes,
                          uint64_t *size, uint64_t *dropped) {
  text t = {.job = job, .asked = asked, .member = member};
  *dropped = 0;
  append_tree(&t, node, dropped);
  if (!t.code && t.size > COLBERT_JSON_BYTES)
    t.code = canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE,
                        "%s would have %" PRIu64 " bytes, more than the %d that are read again", member, t.size,
                        COLBERT_JSON_BYTES);
  *bytes = t.bytes;
  *size = t.size;
  return t.code;
}
