/* SPDX-License-Identifier: MIT
 * value.c: what the leaves of a tree hold, as JSON and in order; the words for kinds. */
#include <math.h>

#include "core/base/integer.h"
#include "core/base/real.h"
#include "core/model/model.h"

static const char *const kind_names[] = {
    [CANON_NODE_TENSOR] = "tensor",   [CANON_NODE_DICT] = "dict",     [CANON_NODE_LIST] = "list",
    [CANON_NODE_TUPLE] = "tuple",     [CANON_NODE_SET] = "set",       [CANON_NODE_NONE] = "none",
    [CANON_NODE_BOOL] = "bool",       [CANON_NODE_INT] = "int",       [CANON_NODE_FLOAT] = "float",
    [CANON_NODE_COMPLEX] = "complex", [CANON_NODE_STR] = "str",       [CANON_NODE_BYTES] = "bytes",
    [CANON_NODE_REF] = "ref",         [CANON_NODE_OPAQUE] = "opaque",
};

static const char *const key_kind_names[] = {
    [CANON_KEY_NONE_AT_ROOT] = "root", [CANON_KEY_INDEX] = "index", [CANON_KEY_STR] = "str",
    [CANON_KEY_BYTES] = "bytes",       [CANON_KEY_INT] = "int",     [CANON_KEY_BOOL] = "bool",
    [CANON_KEY_NONE] = "none",         [CANON_KEY_FLOAT] = "float", [CANON_KEY_TUPLE] = "tuple",
};

const char *canon_kind_name(uint32_t kind) {
  const char *name = kind < sizeof kind_names / sizeof *kind_names ? kind_names[kind] : NULL;
  return name ? name : "unknown";
}

const char *canon_key_kind_name(uint32_t key_kind) {
  return key_kind < sizeof key_kind_names / sizeof *key_kind_names ? key_kind_names[key_kind] : "unknown";
}

double value_double(const void *bytes) {
  const uint8_t *s = bytes;
  uint64_t bits = 0;
  for (int i = 8; i--;) bits = bits << 8 | s[i];
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/* JSON */

static void add_real(struct text *text, const void *bytes, int exact) {
  if (exact) {
    text_char(text, '"');
    real_hex(text, value_double(bytes));
    text_char(text, '"');
  } else if (value_double(bytes) == 0 && ((const uint8_t *)bytes)[7] >> 7) {
    text_string(text, "-0.0"); /* RFC 8785 has it 0, and the sign would be lost */
  } else {
    real_json(text, value_double(bytes));
  }
}

static void add_integer(struct text *text, const canon_node *node, int exact) {
  static const int64_t last_exact_double = INT64_C(1) << 53;
  int64_t small;
  int is_number = !exact && integer_small(node->data, node->data_size, &small) && small <= last_exact_double &&
                  small >= -last_exact_double;
  if (!is_number) text_char(text, '"');
  integer_text(text, node->data, node->data_size);
  if (!is_number) text_char(text, '"');
}

static void add_opaque(struct text *text, const canon_node *node, int exact) {
  if (!exact && node->data_size == 0) {
    text_json_string(text, node->type, strlen(node->type));
    return;
  }
  text_char(text, '[');
  text_json_string(text, node->type, strlen(node->type));
  text_char(text, ',');
  text_json_string(text, node->data, node->data_size);
  text_char(text, ']');
}

void value_json(struct text *text, const canon_node *node, int exact) {
  switch (node->kind) {
    case CANON_NODE_BOOL: text_string(text, *(const uint8_t *)node->data ? "true" : "false"); break;
    case CANON_NODE_INT: add_integer(text, node, exact); break;
    case CANON_NODE_FLOAT: add_real(text, node->data, exact); break;
    case CANON_NODE_COMPLEX:
      text_char(text, '[');
      add_real(text, node->data, exact);
      text_char(text, ',');
      add_real(text, (const uint8_t *)node->data + 8, exact);
      text_char(text, ']');
      break;
    case CANON_NODE_STR: text_json_string(text, node->data, node->data_size); break;
    case CANON_NODE_BYTES:
      text_char(text, '"');
      text_hex(text, node->data, node->data_size);
      text_char(text, '"');
      break;
    case CANON_NODE_OPAQUE: add_opaque(text, node, exact); break;
    default: text_string(text, "null"); break;
  }
}

/* Order */

static int compare_bytes(const void *a, uint64_t a_bytes, const void *b, uint64_t b_bytes) {
  uint64_t common = a_bytes < b_bytes ? a_bytes : b_bytes;
  int order = common ? memcmp(a, b, common) : 0;
  return order ? order : (a_bytes > b_bytes) - (a_bytes < b_bytes);
}

/* -inf .. -0, 0 .. inf, nan */
static uint64_t real_rank(const void *bytes) {
  double value = value_double(bytes);
  uint64_t bits, sign = UINT64_C(1) << 63;
  if (isnan(value)) return UINT64_MAX;
  memcpy(&bits, &value, sizeof bits);
  return bits & sign ? ~bits : bits | sign;
}

static int compare_reals(const void *a, const void *b) {
  uint64_t x = real_rank(a), y = real_rank(b);
  return (x > y) - (x < y);
}

int value_compare(uint32_t kind, const void *a, uint64_t a_bytes, const void *b, uint64_t b_bytes) {
  int order = 0;
  switch (kind) {
    case CANON_NODE_NONE: return 0;
    case CANON_NODE_INT: return integer_compare(a, a_bytes, b, b_bytes);
    case CANON_NODE_FLOAT: return compare_reals(a, b);
    case CANON_NODE_COMPLEX:
      order = compare_reals(a, b);
      return order ? order : compare_reals((const uint8_t *)a + 8, (const uint8_t *)b + 8);
    default: return compare_bytes(a, a_bytes, b, b_bytes);
  }
}

/* How the values of keys are laid out, and the place of each kind in a dict. */
static const struct {
  uint32_t value_kind, rank;
} key_kinds[] = {
    [CANON_KEY_INT] = {CANON_NODE_INT, 1},     [CANON_KEY_STR] = {CANON_NODE_STR, 2},
    [CANON_KEY_BYTES] = {CANON_NODE_BYTES, 3}, [CANON_KEY_BOOL] = {CANON_NODE_BOOL, 4},
    [CANON_KEY_NONE] = {CANON_NODE_NONE, 5},   [CANON_KEY_FLOAT] = {CANON_NODE_FLOAT, 6},
    [CANON_KEY_TUPLE] = {CANON_NODE_STR, 7},
};

int key_compare(const canon_node *a, const canon_node *b) {
  uint32_t x = key_kinds[a->key_kind].rank, y = key_kinds[b->key_kind].rank;
  if (x != y) return x < y ? -1 : 1;
  return value_compare(key_kinds[a->key_kind].value_kind, a->key, a->key_size, b->key, b->key_size);
}

/* As a digest names kinds: what is no dict is a list. */
static uint32_t digest_kind(uint32_t kind) {
  return kind == CANON_NODE_TUPLE || kind == CANON_NODE_SET ? CANON_NODE_LIST : kind;
}

int tree_value_same(const canon_node *a, const canon_node *b) {
  if (digest_kind(a->kind) != digest_kind(b->kind)) return 0;
  if (tree_is_container(a)) return 1;
  if (a->kind == CANON_NODE_OPAQUE && strcmp(a->type, b->type) != 0) return 0;
  return value_compare(a->kind, a->data, a->data_size, b->data, b->data_size) == 0;
}
