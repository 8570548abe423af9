/* SPDX-License-Identifier: MIT
 * json_text.c: see json_text.h. No recursion. */
#include "formats/common/json_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct text {
  canon_job *job;
  const canon_manifest *manifest;
  const json_text_rules *rules;
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
  const canon_node *node = canon_manifest_node(t->manifest, t->node);
  while (node->key_kind == CANON_KEY_INDEX) node = canon_manifest_node(t->manifest, node->parent);
  int is_text = node->key_kind == CANON_KEY_STR;
  if (!t->code)
    t->code = canon_fail(t->job, CANON_E_UNSUPPORTED, CANON_NONE,
                         "%s would hold %s, at key '%.*s'; leave it out: --exclude PATH", t->rules->member, what,
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
  snprintf(number, sizeof number, "%" PRId64, (int64_t)canon_load_le64(bytes));
  append_text(t, number);
}

/* The fewest digits that give the number back; a point whatever the locale has for one. */
static void append_float(text *t, const canon_node *node) {
  uint64_t bits = canon_load_le64(node->data);
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
    default:
      refuse(t, "a value that JSON has not (bytes, a complex number, a set, a tensor, an opaque object)");
      return;
  }
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
  } at[JSON_TEXT_DEPTH];
  uint32_t depth;
} stack;

static void open_container(text *t, stack *open, uint64_t i, const canon_node *node) {
  if (open->depth == JSON_TEXT_DEPTH) {
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

static int is_container(const canon_node *node) {
  return node->kind == CANON_NODE_DICT || node->kind == CANON_NODE_LIST || node->kind == CANON_NODE_TUPLE;
}

static void append_item(text *t, stack *open, uint64_t i, const canon_node *node, const char *instead) {
  t->node = i;
  while (open->depth > 1 && open->at[open->depth - 1].node != node->parent) close_container(t, open);
  if (open->at[open->depth - 1].has_items) append_text(t, ",");
  open->at[open->depth - 1].has_items = 1;
  append_line(t, open->depth);
  append_key(t, node);
  if (instead) append_text(t, instead);
  else if (is_container(node)) open_container(t, open, i, node);
  else append_leaf(t, node);
}

static const char *instead_of(const text *t, uint64_t i) {
  const json_text_rules *rules = t->rules;
  return rules->instead ? rules->instead(rules->context, t->manifest, i) : NULL;
}

static void append_tree(text *t, uint64_t root, uint64_t *left_out) {
  stack open = {.depth = 0};
  uint64_t skipped = CANON_NONE; /* all below it is passed over */
  if (is_container(canon_manifest_node(t->manifest, root)))
    open_container(t, &open, root, canon_manifest_node(t->manifest, root));
  else append_leaf(t, canon_manifest_node(t->manifest, root));
  for (uint64_t i = root + 1; !t->code && i < t->manifest->n_nodes; i++) {
    const canon_node *node = canon_manifest_node(t->manifest, i);
    if (node->parent < root || node->parent == CANON_NONE) break;
    if (skipped != CANON_NONE && node->parent >= skipped) continue;
    const char *instead = instead_of(t, i);
    skipped = instead ? i : CANON_NONE;
    if (!instead || *instead) append_item(t, &open, i, node, instead);
    else ++*left_out;
  }
  while (!t->code && open.depth) close_container(t, &open);
  append_text(t, "\n");
}

int32_t json_text_make(canon_job *job, const canon_manifest *manifest, uint64_t node, const json_text_rules *rules,
                       char **bytes, uint64_t *size, uint64_t *left_out) {
  text t = {.job = job, .manifest = manifest, .rules = rules, .node = node};
  *left_out = 0;
  append_tree(&t, node, left_out);
  if (!t.code && t.size > JSON_TEXT_BYTES)
    t.code = canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE,
                        "%s would have %" PRIu64 " bytes, more than the %d that are read again", rules->member, t.size,
                        JSON_TEXT_BYTES);
  *bytes = t.bytes;
  *size = t.size;
  return t.code;
}
