/* SPDX-License-Identifier: MIT
 * keys.c: scalars and texts as nodes hold them, for values and for keys; keys that are arrays, which are tuples in
 * Python; and keys that a map has twice. */
#include <stdlib.h>
#include <string.h>

#include "formats/msgpack/msgpack.h"

static int32_t keep(msgpack_window *window, arena *memory, canon_node *leaf, uint32_t kind, const void *bytes,
                    uint64_t size) {
  void *copy = arena_alloc(window->job, memory, size ? size : 1);
  if (!copy) return canon_failed(window->job);
  memcpy(copy, bytes, size);
  leaf->kind = kind;
  leaf->data = copy;
  leaf->data_size = size;
  return CANON_OK;
}

static int32_t keep_integer(msgpack_window *window, arena *memory, const msgpack_token *token, canon_node *leaf) {
  uint8_t bytes[9], sign = token->is_negative ? 0xFF : 0;
  uint64_t n = sizeof bytes;
  canon_store_le64(bytes, token->integer);
  bytes[8] = sign;
  while (n > 1 && bytes[n - 1] == sign && (bytes[n - 2] ^ sign) < 0x80) n--;
  return keep(window, memory, leaf, CANON_NODE_INT, bytes, n);
}

static int32_t keep_float(msgpack_window *window, arena *memory, double value, canon_node *leaf) {
  uint8_t bytes[8];
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  canon_store_le64(bytes, bits);
  return keep(window, memory, leaf, CANON_NODE_FLOAT, bytes, sizeof bytes);
}

static int32_t keep_content(msgpack_window *window, arena *memory, const msgpack_token *token, canon_node *leaf) {
  uint8_t *bytes = arena_alloc(window->job, memory, token->size ? token->size : 1);
  if (!bytes) return canon_failed(window->job);
  leaf->kind = token->kind == TOKEN_STR ? CANON_NODE_STR : CANON_NODE_BYTES;
  leaf->data = bytes;
  leaf->data_size = token->size;
  int32_t code = msgpack_window_copy(window, token->body, bytes, token->size);
  if (code || token->kind != TOKEN_STR) return code;
  uint64_t good = text_utf8_prefix(bytes, token->size, 0);
  if (good == token->size) return CANON_OK;
  return msgpack_refuse(
      window, CANON_E_MALFORMED, token->body + good,
      "a str is not UTF-8; if an old program wrote bytes as str, write the file again with use_bin_type=True");
}

int32_t msgpack_leaf_read(msgpack_window *window, arena *memory, const msgpack_token *token, canon_node *leaf) {
  uint8_t truth = token->integer != 0;
  switch (token->kind) {
    case TOKEN_BOOL: return keep(window, memory, leaf, CANON_NODE_BOOL, &truth, 1);
    case TOKEN_INT: return keep_integer(window, memory, token, leaf);
    case TOKEN_FLOAT: return keep_float(window, memory, token->real, leaf);
    case TOKEN_STR:
    case TOKEN_BIN: return keep_content(window, memory, token, leaf);
    default: leaf->kind = CANON_NODE_NONE; return CANON_OK;
  }
}

/* Tuples as Python prints them, up to some length and depth. */
enum { LONGEST_TUPLE = 1000, DEEPEST_TUPLE = 8 };

typedef struct printer {
  msgpack_window *window;
  arena *memory;
  char text[LONGEST_TUPLE];
  uint64_t used;
  uint64_t offset; /* of the key */
} printer;

static int32_t refuse_key(msgpack_window *window, uint64_t offset, const char *what) {
  return msgpack_refuse(window, CANON_E_UNSUPPORTED, offset,
                        "the key of a map is %s; canon's keys are scalars, texts and tuples of them", what);
}

static int32_t put(printer *out, const char *text, uint64_t size) {
  if (size > LONGEST_TUPLE - out->used) return refuse_key(out->window, out->offset, "an array of over 1000 characters");
  memcpy(out->text + out->used, text, size);
  out->used += size;
  return CANON_OK;
}

/* 'text' or b'bytes'. Python would also escape the few characters beyond Latin-1 that do not print. */
static int32_t put_quoted(printer *out, const canon_node *leaf) {
  const uint8_t *text = leaf->data;
  uint64_t size = leaf->data_size;
  int is_bytes = leaf->kind == CANON_NODE_BYTES;
  char quote = size && memchr(text, '\'', size) && !memchr(text, '"', size) ? '"' : '\'', piece[8];
  int32_t code = is_bytes ? put(out, "b", 1) : CANON_OK;
  if (!code) code = put(out, &quote, 1);
  for (uint64_t i = 0; !code && i < size; i++) {
    uint8_t byte = text[i];
    const char *escape = byte == '\n'   ? "\\n"
                         : byte == '\r' ? "\\r"
                         : byte == '\t' ? "\\t"
                         : byte == '\\' ? "\\\\"
                                        : NULL;
    int latin = !is_bytes && byte == 0xC2 && i + 1 < size && (text[i + 1] <= 0xA0 || text[i + 1] == 0xAD);
    int n = 0;
    if (escape) n = snprintf(piece, sizeof piece, "%s", escape);
    else if (byte == (uint8_t)quote) n = snprintf(piece, sizeof piece, "\\%c", quote);
    else if (latin) n = snprintf(piece, sizeof piece, "\\x%02x", text[++i]);
    else if (byte < 0x20 || byte == 0x7F || (is_bytes && byte > 0x7F))
      n = snprintf(piece, sizeof piece, "\\x%02x", byte);
    else piece[n++] = (char)byte;
    code = put(out, piece, (uint64_t)n);
  }
  return code ? code : put(out, &quote, 1);
}

static int32_t put_scalar(printer *out, const msgpack_token *token) {
  char text[MSGPACK_FLOAT_TEXT];
  canon_node leaf = {.kind = 0};
  int32_t code;
  switch (token->kind) {
    case TOKEN_NIL: return put(out, "None", 4);
    case TOKEN_BOOL: return token->integer ? put(out, "True", 4) : put(out, "False", 5);
    case TOKEN_INT:
      return put(out, text,
                 (uint64_t)(token->is_negative ? snprintf(text, sizeof text, "%" PRId64, (int64_t)token->integer)
                                               : snprintf(text, sizeof text, "%" PRIu64, token->integer)));
    case TOKEN_FLOAT: return put(out, text, msgpack_float_print(token->real, 0, text));
    case TOKEN_STR:
    case TOKEN_BIN:
      if (token->size > LONGEST_TUPLE) return refuse_key(out->window, out->offset, "an array of over 1000 characters");
      code = msgpack_leaf_read(out->window, out->memory, token, &leaf);
      return code ? code : put_quoted(out, &leaf);
    default: return refuse_key(out->window, token->offset, "an array that holds a map or an ext");
  }
}

static int32_t put_tuple(printer *out, const msgpack_token *array) {
  uint64_t left[DEEPEST_TUPLE], counts[DEEPEST_TUPLE];
  uint32_t depth = 1;
  left[0] = counts[0] = array->count;
  int32_t code = put(out, "(", 1);
  while (!code && depth) {
    uint64_t *mine = &left[depth - 1], count = counts[depth - 1];
    if (!*mine) {
      code = count == 1 ? put(out, ",)", 2) : put(out, ")", 1);
      depth--;
      continue;
    }
    msgpack_token item;
    if (*mine < count) code = put(out, ", ", 2);
    (*mine)--;
    if (!code) code = msgpack_token_read(out->window, out->window->end, &item);
    if (code) return code;
    if (item.kind != TOKEN_ARRAY) {
      code = put_scalar(out, &item);
    } else if (depth == DEEPEST_TUPLE) {
      return refuse_key(out->window, out->offset, "an array of over 8 levels");
    } else {
      left[depth] = counts[depth] = item.count;
      depth++;
      code = put(out, "(", 1);
    }
  }
  return code;
}

int32_t msgpack_key_read(msgpack_window *window, arena *memory, const msgpack_token *token, msgpack_key *key) {
  static const uint32_t KEY_KINDS[] = {
      [CANON_NODE_NONE] = CANON_KEY_NONE,   [CANON_NODE_BOOL] = CANON_KEY_BOOL, [CANON_NODE_INT] = CANON_KEY_INT,
      [CANON_NODE_FLOAT] = CANON_KEY_FLOAT, [CANON_NODE_STR] = CANON_KEY_STR,   [CANON_NODE_BYTES] = CANON_KEY_BYTES};
  canon_node leaf = {.kind = CANON_NODE_NONE};
  if (token->kind == TOKEN_MAP) return refuse_key(window, token->offset, "a map");
  if (token->kind == TOKEN_EXT) return refuse_key(window, token->offset, "an ext");
  if (token->kind == TOKEN_ARRAY) {
    printer out = {.window = window, .memory = memory, .offset = token->offset};
    int32_t code = put_tuple(&out, token);
    if (!code) code = keep(window, memory, &leaf, CANON_NODE_STR, out.text, out.used);
    *key = (msgpack_key){CANON_KEY_TUPLE, leaf.data, leaf.data_size};
    return code;
  }
  int32_t code = msgpack_leaf_read(window, memory, token, &leaf);
  *key = (msgpack_key){KEY_KINDS[leaf.kind], leaf.data, leaf.data_size};
  return code;
}

/* Keys that a map has twice */

/* A whole number of 64 bits: its sign and magnitude. */
static int whole_number(const canon_node *node, int *is_negative, uint64_t *magnitude) {
  const uint8_t *bytes = node->key;
  uint64_t bits = 0;
  if (node->key_kind == CANON_KEY_BOOL || node->key_kind == CANON_KEY_INT) {
    *is_negative = node->key_kind == CANON_KEY_INT && bytes[node->key_size - 1] >= 0x80;
    for (uint64_t i = 0; i < 8; i++)
      bits |= (uint64_t)(i < node->key_size ? bytes[i] : *is_negative ? 0xFF : 0) << 8 * i;
    *magnitude = *is_negative ? 0 - bits : bits;
    return 1;
  }
  if (node->key_kind != CANON_KEY_FLOAT) return 0;
  double value;
  bits = canon_load_le64(bytes);
  memcpy(&value, &bits, sizeof value);
  *is_negative = value < 0;
  if (*is_negative) value = -value;
  if (!(value < 0x1p64)) return 0;
  *magnitude = (uint64_t)value;
  return (double)*magnitude == value;
}

static int compare_keys(const void *left, const void *right) {
  const canon_node *a = *(const canon_node *const *)left, *b = *(const canon_node *const *)right;
  uint64_t x = 0, y = 0;
  int a_negative = 0, b_negative = 0;
  int a_whole = whole_number(a, &a_negative, &x), b_whole = whole_number(b, &b_negative, &y);
  if (a_whole != b_whole) return a_whole - b_whole;
  if (a_whole && a_negative != b_negative) return b_negative - a_negative;
  if (a_whole) return x < y ? -1 : x > y;
  if (a->key_kind != b->key_kind) return a->key_kind < b->key_kind ? -1 : 1;
  uint64_t common = a->key_size < b->key_size ? a->key_size : b->key_size;
  int order = common ? memcmp(a->key, b->key, common) : 0;
  return order ? order : a->key_size < b->key_size ? -1 : a->key_size > b->key_size;
}

int32_t msgpack_keys_check(canon_job *job, const canon_node *nodes, const uint64_t *before, uint64_t last,
                           uint64_t offset) {
  uint64_t n = 0;
  for (uint64_t i = last; i != CANON_NONE; i = before[i]) n++;
  if (n < 2) return CANON_OK;
  const canon_node **sorted = canon_alloc(job, n * sizeof *sorted);
  if (!sorted) return canon_failed(job);
  uint64_t filled = 0;
  for (uint64_t i = last; i != CANON_NONE; i = before[i]) sorted[filled++] = &nodes[i];
  qsort(sorted, n, sizeof *sorted, compare_keys);
  int32_t code = CANON_OK;
  for (uint64_t i = 1; i < n && !code; i++) {
    if (compare_keys(&sorted[i - 1], &sorted[i]) != 0) continue;
    int is_text = sorted[i]->key_kind == CANON_KEY_STR || sorted[i]->key_kind == CANON_KEY_TUPLE;
    int length = is_text ? (int)(sorted[i]->key_size < 100 ? sorted[i]->key_size : 100) : 0;
    code = canon_fail(job, CANON_E_MALFORMED, offset, "a map has one key twice%s%.*s%s", is_text ? ": '" : "", length,
                      is_text ? (const char *)sorted[i]->key : "", is_text ? "'" : "");
  }
  canon_free(job, sorted);
  return code;
}
