/* SPDX-License-Identifier: MIT
 * sapling.c: trees that a writer is offered: one tensor of each dtype, and every kind of node, name and size that a
 * manifest may hold. A writer takes a tree or refuses it by name. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/conform/conform.h"

enum { ROOT = -1, MOST_NODES = 3200, MOST_BYTES = 1 << 20 };

struct soil {
  canon_node nodes[MOST_NODES];
  uint64_t n;
  uint64_t used;
  _Alignas(16) uint8_t bytes[MOST_BYTES];
};

uint64_t next_random(uint64_t *state) { /* splitmix64 */
  uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}

void fill_values(uint32_t dtype, uint64_t seed, void *values, uint64_t n) {
  uint8_t *at = values;
  uint64_t bytes = n * canon_dtype_size(dtype), state = seed + 1;
  for (uint64_t i = 0; i < bytes; i++) at[i] = (uint8_t)(next_random(&state) >> 32) & (dtype == CANON_BOOL ? 1 : 0xff);
}

/* ---- growing ---- */

static void *bury(struct soil *soil, const void *bytes, uint64_t n) {
  uint64_t at = (soil->used + 15) / 16 * 16;
  if (at + n > MOST_BYTES) broken("a tree of canon-conform is too large for it");
  soil->used = at + n;
  if (n) memcpy(soil->bytes + at, bytes, n);
  return soil->bytes + at;
}

static canon_node *node(struct soil *soil, int64_t parent, uint32_t kind) {
  if (soil->n == MOST_NODES) broken("a tree of canon-conform is too large for it");
  canon_node *new = &soil->nodes[soil->n++];
  *new = (canon_node){.kind = kind,
                      .parent = parent == ROOT ? CANON_NONE : (uint64_t)parent,
                      .target = CANON_NONE,
                      .storage = CANON_NONE,
                      .offset = CANON_NONE};
  if (parent != ROOT) new->key_kind = CANON_KEY_INDEX;
  return new;
}

static void name_it(struct soil *soil, uint32_t key_kind, const void *key, uint64_t n) {
  canon_node *last = &soil->nodes[soil->n - 1];
  last->key_kind = key_kind;
  last->key = bury(soil, key, n);
  last->key_size = n;
}

/* Gives the node's index, to be a parent. key NULL: it is in a list, or the root. */
static int64_t grow(struct soil *soil, int64_t parent, const char *key, uint32_t kind) {
  node(soil, parent, kind);
  if (key) name_it(soil, CANON_KEY_STR, key, strlen(key));
  return (int64_t)soil->n - 1;
}

static void leaf(struct soil *soil, int64_t parent, const char *key, uint32_t kind, const void *data, uint64_t n) {
  canon_node *new = &soil->nodes[grow(soil, parent, key, kind)];
  new->data = bury(soil, data, n);
  new->data_size = n;
}

static void tensor_of(struct soil *soil, int64_t parent, const char *key, uint32_t dtype, uint32_t rank,
                      const uint64_t *shape) {
  canon_node *new = &soil->nodes[grow(soil, parent, key, CANON_NODE_TENSOR)];
  uint64_t elements = 0;
  canon_elements(shape, rank, &elements);
  new->dtype = dtype;
  new->rank = rank;
  new->shape = bury(soil, shape, rank * sizeof *shape);
  new->storage_bytes = elements *canon_dtype_size(dtype);
}

static void tensor(struct soil *soil, int64_t parent, const char *key, uint32_t dtype, uint64_t rows,
                   uint64_t columns) {
  tensor_of(soil, parent, key, dtype, 2, (const uint64_t[]){rows, columns});
}

/* ---- trees ---- */

static void scalar(struct soil *soil) { tensor_of(soil, ROOT, NULL, CANON_F32, 0, NULL); }
static void no_elements(struct soil *soil) { tensor(soil, ROOT, NULL, CANON_F32, 0, 5); }
static void no_columns(struct soil *soil) { tensor(soil, ROOT, NULL, CANON_U8, 5, 0); }
static void larger(struct soil *soil) { tensor(soil, ROOT, NULL, CANON_F32, 1031, 67); }
static void larger_bytes(struct soil *soil) { tensor(soil, ROOT, NULL, CANON_U8, 1031, 67); }
static void vector(struct soil *soil) { tensor_of(soil, ROOT, NULL, CANON_F32, 1, (const uint64_t[]){7}); }
static void vector_of_bytes(struct soil *soil) { tensor_of(soil, ROOT, NULL, CANON_U8, 1, (const uint64_t[]){300}); }
static void enormous(struct soil *soil) { tensor(soil, ROOT, NULL, CANON_U8, (uint64_t)1 << 33, 1 << 20); }

static void most_dimensions(struct soil *soil) {
  uint64_t shape[CANON_MAX_RANK];
  for (int i = 0; i < CANON_MAX_RANK; i++) shape[i] = i == 1 || i == 63 ? 3 : 1;
  tensor_of(soil, ROOT, NULL, CANON_U8, CANON_MAX_RANK, shape);
}

static void state_dict(struct soil *soil) {
  int64_t root = grow(soil, ROOT, NULL, CANON_NODE_DICT);
  tensor(soil, root, "layer.0.weight", CANON_F32, 4, 3);
  tensor(soil, root, "layer.0.bias", CANON_F32, 1, 3);
  tensor(soil, root, "layer.10.weight", CANON_F16, 2, 2);
  tensor(soil, root, "step", CANON_I64, 1, 1);
  tensor(soil, root, "nothing", CANON_F64, 0, 7);
}

static void strange_names(struct soil *soil) {
  static const char *const names[] = {
      "",    " ",     "a/b", "a~b", "..", "x\ny", "\"quoted\"", "arr_0", "__metadata__", "\xc3\xa4", "\xf0\x9f\x8d\x80",
      "CON", "a.npy", "0",   "-1"};
  int64_t root = grow(soil, ROOT, NULL, CANON_NODE_DICT);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) tensor(soil, root, names[i], CANON_U8, 1, i + 1);
}

static void long_name(struct soil *soil) {
  static char name[70001];
  memset(name, 'n', sizeof name - 1);
  int64_t root = grow(soil, ROOT, NULL, CANON_NODE_DICT);
  tensor(soil, root, name, CANON_U8, 2, 2);
}

static void nested(struct soil *soil) {
  int64_t root = grow(soil, ROOT, NULL, CANON_NODE_DICT), inner, list;
  inner = grow(soil, root, "model", CANON_NODE_DICT);
  tensor(soil, inner, "weight", CANON_BF16, 3, 3);
  list = grow(soil, inner, "layers", CANON_NODE_LIST);
  tensor(soil, list, NULL, CANON_F32, 2, 2);
  grow(soil, list, NULL, CANON_NODE_DICT);
  tensor(soil, list, NULL, CANON_I8, 5, 1);
  list = grow(soil, root, "pair", CANON_NODE_TUPLE);
  tensor(soil, list, NULL, CANON_BOOL, 2, 4);
  grow(soil, list, NULL, CANON_NODE_NONE);
}

static void values(struct soil *soil) {
  static const double numbers[] = {0.0, 1.5, 1e300};
  static const uint8_t infinity[8] = {0, 0, 0, 0, 0, 0, 0xf0, 0x7f}, nan[8] = {0, 0, 0, 0, 0, 0, 0xf8, 0x7f};
  static const uint8_t whole[] = {0x2a}, minus_one[] = {0xff}, wide[] = {0, 0, 0, 0, 0, 0, 0, 0x80, 0, 1};
  int64_t root = grow(soil, ROOT, NULL, CANON_NODE_DICT);
  leaf(soil, root, "none", CANON_NODE_NONE, NULL, 0);
  leaf(soil, root, "yes", CANON_NODE_BOOL, "\1", 1);
  leaf(soil, root, "whole", CANON_NODE_INT, whole, sizeof whole);
  leaf(soil, root, "minus one", CANON_NODE_INT, minus_one, sizeof minus_one);
  leaf(soil, root, "beyond 64 bits", CANON_NODE_INT, wide, sizeof wide);
  leaf(soil, root, "real", CANON_NODE_FLOAT, &numbers[1], 8);
  leaf(soil, root, "infinite", CANON_NODE_FLOAT, infinity, 8);
  leaf(soil, root, "nan", CANON_NODE_FLOAT, nan, 8);
  leaf(soil, root, "complex", CANON_NODE_COMPLEX, &numbers[1], 16);
  leaf(soil, root, "text", CANON_NODE_STR,
       "gr\xc3\xbc\xc3\x9f"
       "e\0\n",
       9);
  leaf(soil, root, "surrogate", CANON_NODE_STR, "\xed\xa0\x80", 3);
  leaf(soil, root, "bytes", CANON_NODE_BYTES, "\0\xff", 2);
  tensor(soil, root, "tensor", CANON_F32, 2, 2);
}

static void whole_keys(struct soil *soil) {
  static const uint8_t keys[] = {0, 5, 0xff};
  int64_t root = grow(soil, ROOT, NULL, CANON_NODE_DICT);
  for (size_t i = 0; i < sizeof keys; i++) {
    tensor(soil, root, NULL, CANON_F32, 1, i + 1);
    name_it(soil, CANON_KEY_INT, &keys[i], 1);
  }
}

static void other_keys(struct soil *soil) {
  static const double number = 0.5;
  int64_t root = grow(soil, ROOT, NULL, CANON_NODE_DICT);
  leaf(soil, root, NULL, CANON_NODE_NONE, NULL, 0);
  name_it(soil, CANON_KEY_BYTES, "\xff\xfe", 2);
  leaf(soil, root, NULL, CANON_NODE_NONE, NULL, 0);
  name_it(soil, CANON_KEY_BOOL, "\1", 1);
  leaf(soil, root, NULL, CANON_NODE_NONE, NULL, 0);
  name_it(soil, CANON_KEY_NONE, "", 0);
  leaf(soil, root, NULL, CANON_NODE_NONE, NULL, 0);
  name_it(soil, CANON_KEY_FLOAT, &number, 8);
}

static void set_of(struct soil *soil) {
  int64_t root = grow(soil, ROOT, NULL, CANON_NODE_DICT), set = grow(soil, root, "set", CANON_NODE_SET);
  leaf(soil, set, NULL, CANON_NODE_STR, "a", 1);
  leaf(soil, set, NULL, CANON_NODE_STR, "b", 1);
}

static void opaque(struct soil *soil) {
  int64_t root = grow(soil, ROOT, NULL, CANON_NODE_DICT);
  leaf(soil, root, "config", CANON_NODE_OPAQUE, "lr=0.1", 6);
  soil->nodes[soil->n - 1].type = "argparse.Namespace";
  tensor(soil, root, "weight", CANON_F32, 2, 2);
}

static void list_of(struct soil *soil) {
  int64_t root = grow(soil, ROOT, NULL, CANON_NODE_LIST);
  for (uint64_t i = 0; i < 12; i++) tensor(soil, root, NULL, CANON_U8, i, 2);
}

static void empty_dict(struct soil *soil) { grow(soil, ROOT, NULL, CANON_NODE_DICT); }
static void empty_list(struct soil *soil) { grow(soil, ROOT, NULL, CANON_NODE_LIST); }
static void one_text(struct soil *soil) { leaf(soil, ROOT, NULL, CANON_NODE_STR, "alone", 5); }

static void many(struct soil *soil) {
  char name[24];
  int64_t root = grow(soil, ROOT, NULL, CANON_NODE_DICT);
  for (uint64_t i = 0; i < 3000; i++) {
    snprintf(name, sizeof name, "t%" PRIu64, i);
    tensor(soil, root, name, CANON_U8, 1, i % 5);
  }
}

static void deep(struct soil *soil) {
  int64_t at = grow(soil, ROOT, NULL, CANON_NODE_LIST);
  for (int i = 0; i < CANON_MAX_DEPTH - 2; i++) at = grow(soil, at, NULL, CANON_NODE_LIST);
  tensor(soil, at, NULL, CANON_U8, 1, 1);
}

static const struct {
  const char *name;
  void (*grow)(struct soil *soil);
} species[] = {
    {"a tensor without dimensions", scalar},
    {"a tensor without rows", no_elements},
    {"a tensor without columns", no_columns},
    {"a larger tensor", larger},
    {"a larger tensor of bytes", larger_bytes},
    {"a vector", vector},
    {"a vector of bytes", vector_of_bytes},
    {"a tensor of 64 dimensions", most_dimensions},
    {"a state dict", state_dict},
    {"strange names", strange_names},
    {"a long name", long_name},
    {"a nested tree", nested},
    {"values of every kind", values},
    {"whole numbers as keys", whole_keys},
    {"other kinds of keys", other_keys},
    {"a set", set_of},
    {"an opaque object", opaque},
    {"a list of tensors", list_of},
    {"an empty dict", empty_dict},
    {"an empty list", empty_list},
    {"a text alone", one_text},
    {"3000 tensors", many},
    {"lists 999 deep", deep},
    {"a tensor of 2^53 bytes", enormous},
};

size_t sapling_count(void) { return CANON_DTYPE_END - CANON_BOOL + sizeof species / sizeof *species; }

struct sapling sapling_grow(size_t i) {
  struct soil *soil = need(calloc(1, sizeof *soil));
  size_t dtypes = CANON_DTYPE_END - CANON_BOOL;
  struct sapling sapling = {.memory = soil};
  if (i < dtypes) {
    static char name[32];
    uint32_t dtype = CANON_BOOL + (uint32_t)i;
    snprintf(name, sizeof name, "a tensor of %s", canon_dtype_name(dtype));
    sapling.name = name;
    tensor(soil, ROOT, NULL, dtype, 7, 5);
  } else {
    sapling.name = species[i - dtypes].name;
    species[i - dtypes].grow(soil);
  }
  sapling.manifest = (canon_manifest){
      .struct_size = sizeof(canon_manifest), .node_size = sizeof(canon_node), .nodes = soil->nodes, .n_nodes = soil->n};
  return sapling;
}

void sapling_free(struct sapling *sapling) { free(sapling->memory); }
